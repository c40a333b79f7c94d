// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Connects to places again and again from the servers, and notes when they answered. */
final class PortmapProber implements AutoCloseable {
    /** In ms since the prober began. */
    record Seen(long first, long last, long longestGap) {}

    private final Lab lab;
    private final long begin = System.nanoTime();
    private final Map<InetSocketAddress, Seen> places = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "portmap-prober");
    private volatile boolean over;
    private volatile long any;
    private volatile long longestSilence;

    PortmapProber(Lab lab, InetSocketAddress first) {
        this.lab = lab;
        add(first);
        any = now();
        thread.setDaemon(true);
        thread.start();
    }

    private long now() {
        return (System.nanoTime() - begin) / 1_000_000;
    }

    void add(InetSocketAddress at) {
        places.putIfAbsent(at, new Seen(-1, -1, 0));
    }

    private void run() {
        while (!over) {
            for (InetSocketAddress at : places.keySet()) {
                if (PortmapNode.reaches(lab, at, 60)) {
                    long t = now();
                    places.computeIfPresent(
                            at,
                            (k, s) ->
                                    s.first < 0
                                            ? new Seen(t, t, 0)
                                            : new Seen(
                                                    s.first,
                                                    t,
                                                    Math.max(s.longestGap, t - s.last)));
                    longestSilence = Math.max(longestSilence, t - any);
                    any = t;
                }
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    Seen of(InetSocketAddress at) {
        return places.get(at);
    }

    /** The longest time without any answer from anywhere, so far, in ms. */
    long longestSilence() {
        return Math.max(longestSilence, now() - any);
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
