// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.DatagramPipe;
import dev.karst.Node;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The traffic with one peer: a stream hashed both ways, and numbered datagrams if wanted. */
final class Load implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final long CATCH_UP_MILLIS = 60_000;
    private final Peer peer;
    private final Pauses pauses;
    private final Duplex stream;
    private final Numbered datagrams;
    private volatile boolean over;
    private long longest;

    Load(Node node, PeerId id, int record, int rate, boolean withDatagrams) throws Exception {
        peer = node.connect(id).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        pauses = new Pauses(node, id);
        Numbered numbered = null;
        if (withDatagrams) {
            DatagramPipe d =
                    peer.openDatagrams(Mirror.DATAGRAMS, PipeOptions.defaults())
                            .toCompletableFuture()
                            .get(SECONDS, TimeUnit.SECONDS);
            numbered = new Numbered(d, 0);
        }
        datagrams = numbered;
        StreamPipe s =
                peer.openStream(Mirror.STREAM, PipeOptions.defaults())
                        .toCompletableFuture()
                        .get(SECONDS, TimeUnit.SECONDS);
        stream = new Duplex(s, () -> datagrams, pauses::list);
        stream.begin(record, rate);
    }

    /** Also measures the longest time in which nothing came, by looking every other millisecond. */
    void watch() {
        Thread t = new Thread(this::look, "itest-progress");
        t.setDaemon(true);
        t.start();
    }

    private void look() {
        long had = -1;
        long since = System.nanoTime();
        while (!over) {
            long now = System.nanoTime();
            long has = stream.received();
            if (has != had) {
                had = has;
                since = now;
            }
            synchronized (this) {
                longest = Math.max(longest, now - since);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(2);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** The longest time without any data since the last call, in milliseconds. */
    synchronized double longest() {
        double ms = longest / 1e6;
        longest = 0;
        return ms;
    }

    Peer peer() {
        return peer;
    }

    Pauses pauses() {
        return pauses;
    }

    Duplex stream() {
        return stream;
    }

    Numbered datagrams() {
        return datagrams;
    }

    boolean alive() {
        return peer.state() != PeerState.CLOSED && stream.failure().isEmpty();
    }

    boolean caughtUp() throws InterruptedException {
        return stream.caughtUp(CATCH_UP_MILLIS);
    }

    /** This end and that end of the path in use. */
    String path() {
        for (PathInfo p : peer.paths()) {
            if (p.inUse()) {
                return p.local() + " - " + p.remote();
            }
        }
        return "none";
    }

    /** All paths, in short. */
    List<String> paths() {
        List<String> out = new ArrayList<>();
        for (PathInfo p : peer.paths()) {
            out.add(p.strategy() + "/" + p.transport() + "#" + p.generation());
        }
        return out;
    }

    /** Each of them has a socket of its own; paths over UDP share one. */
    int tcpPaths() {
        int n = 0;
        for (PathInfo p : peer.paths()) {
            n += p.transport().equals("tcp") ? 1 : 0;
        }
        return n;
    }

    String transport() {
        for (PathInfo p : peer.paths()) {
            if (p.inUse()) {
                return p.transport();
            }
        }
        return "none";
    }

    /**
     * Datagrams lost since {@code start}, both ways: all, and those that were sent outside a pause
     * that either side told.
     */
    long[] lost(long start) {
        List<Wire.Pause> told = new ArrayList<>(pauses.list());
        List<Wire.Gap> gaps = new ArrayList<>(datagrams.gaps());
        Wire.Header h = stream.last();
        if (h != null) {
            told.addAll(h.pauses());
            gaps.addAll(h.gaps());
        }
        long all = 0;
        long outside = 0;
        for (Wire.Gap g : gaps) {
            if (g.to() < start) {
                continue;
            }
            all += g.missing();
            boolean within = false;
            for (Wire.Pause p : told) {
                // What was on its way when the pause began counts as of the pause.
                within |= g.to() >= p.from() - SLACK_NANOS && g.from() <= p.to();
            }
            if (!within) {
                outside += g.missing();
            }
        }
        return new long[] {all, outside};
    }

    /** The gaps of {@link #lost}, and the pauses, in milliseconds since {@code start}. */
    List<String> gaps(long start) {
        List<String> out = new ArrayList<>();
        Wire.Header h = stream.last();
        gaps(out, "in", datagrams.gaps(), start);
        if (h != null) {
            gaps(out, "out", h.gaps(), start);
        }
        for (Wire.Pause p : pauses.list()) {
            if (p.to() > start) {
                out.add("pause " + span(p.from(), p.to(), start));
            }
        }
        return out;
    }

    private static void gaps(List<String> out, String way, List<Wire.Gap> all, long start) {
        for (Wire.Gap g : all) {
            if (g.to() >= start) {
                out.add(way + " " + g.missing() + " at " + span(g.from(), g.to(), start));
            }
        }
    }

    private static String span(long from, long to, long start) {
        return (from - start) / 1_000_000 + ".." + (to - start) / 1_000_000;
    }

    private static final long SLACK_NANOS = 250_000_000;

    @Override
    public void close() {
        over = true;
        stream.close();
        if (datagrams != null) {
            datagrams.close();
        }
        pauses.close();
    }
}
