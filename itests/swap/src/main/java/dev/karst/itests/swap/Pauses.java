// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.PeerId;
import dev.karst.Subscription;
import java.util.ArrayList;
import java.util.List;

/** When the session with one peer, or with any, was suspended, by the node's own events. */
final class Pauses implements AutoCloseable {
    private final PeerId only;
    private final Subscription events;
    private final List<Wire.Pause> pauses = new ArrayList<>();
    private final List<Wire.Pause> told = new ArrayList<>();
    private long since;
    private int suspended;
    private int closed;

    /** Of all peers where {@code only} is null; {@link #list} is then of no use. */
    Pauses(Node node, PeerId only) {
        this.only = only;
        this.events = node.watch(this::event);
    }

    private synchronized void event(NodeEvent e) {
        long now = System.nanoTime();
        if (e instanceof NodeEvent.PeerChanged c && (only == null || c.peer().equals(only))) {
            switch (c.state()) {
                case SUSPENDED -> {
                    suspended++;
                    since = now;
                }
                case CONNECTED -> {
                    if (since != 0) {
                        pauses.add(new Wire.Pause(since, now));
                        since = 0;
                    }
                }
                case CLOSED -> closed++;
                default -> {}
            }
        } else if (e instanceof NodeEvent.Resumed r && (only == null || r.peer().equals(only))) {
            // The event comes a little late, the length is exact.
            told.add(new Wire.Pause(now - r.pause().toNanos(), now));
            while (told.size() > 100_000) {
                told.remove(0);
            }
        }
    }

    synchronized int suspended() {
        return suspended;
    }

    synchronized int closed() {
        return closed;
    }

    /** Every pause that was told, oldest first; one that lasts still ends now. */
    synchronized List<Wire.Pause> list() {
        List<Wire.Pause> all = new ArrayList<>(pauses);
        if (since != 0) {
            all.add(new Wire.Pause(since, System.nanoTime()));
        }
        return all.size() > 64 ? new ArrayList<>(all.subList(all.size() - 64, all.size())) : all;
    }

    /** Lengths in milliseconds of the pauses that {@code Resumed} told, oldest first. */
    synchronized List<Double> lengths() {
        List<Double> out = new ArrayList<>();
        told.forEach(p -> out.add((p.to() - p.from()) / 1e6));
        return out;
    }

    @Override
    public void close() {
        events.close();
    }
}
