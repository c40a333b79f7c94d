// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException.Code;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.core.session.FrameReader.Attach;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The links of a session and the choice among them. The peer with the lower PeerId is the
 * controller: it alone numbers generations, and the link with the highest is in use on both sides.
 * Guarded by the session's lock; links are closed and rekeyed only after it is left.
 */
final class LinkTable {
    private static final byte[] UNKNOWN = new byte[16];
    private static final Duration LINGER = Duration.ofMillis(500);

    /** What is on its way on a path may wait in the buffers of two busy machines. */
    private static final long SILENT_NANOS = 250_000_000;

    private static final int MOST_LINGERS = 10;

    /** The peer attaches to a path that it was given within a round trip. */
    private static final long PENDING_NANOS = 1_000_000_000;

    private final Session session;
    private final boolean controller;
    private final List<Link> links = new ArrayList<>();
    private final byte[] mine = new byte[16];
    private byte[] theirs = UNKNOWN;
    private Link active;
    private Link draining; // was in use before, and what was sent on it may still arrive
    private Link pending; // has the highest generation, and the peer has not attached to it yet
    private long pendingSince;
    private boolean peerKeepsAhead; // as its last ATTACH said
    private long generation;
    private long keylessSince;

    LinkTable(Session session) {
        this.session = session;
        this.controller = session.local.compareTo(session.remote) < 0;
        session.world.secureRandom().nextBytes(mine);
    }

    Link active() {
        return active;
    }

    boolean isEmpty() {
        return links.isEmpty();
    }

    List<Link> all() {
        return links;
    }

    /** New keys stand on this link. */
    void up(Link link) {
        boolean fresh = !links.contains(link);
        if (fresh) {
            links.add(link);
            PathInfo info = info(link);
            session.later(() -> session.owner.event(new NodeEvent.PathUp(session.remote, info)));
        }
        link.attached = false;
        if (link != active) {
            Epoch keys = link.newest();
            session.world.after(Duration.ofSeconds(1), () -> link.dropOlderIfUnused(keys));
        }
        if (controller) {
            Link rival = deciding() ? pending : activeGood() ? active : null;
            if (link == active || link == pending || rival == null || better(link, rival)) {
                assign(link);
            } else {
                closeIfUnused(link);
            }
        }
        sendAttach(link);
    }

    private boolean activeGood() {
        return active != null
                && active.keyed()
                && active.data != null
                && !active.suspect()
                && !active.origin.leaving();
    }

    /**
     * Make before break: a direct path takes over from a relayed one, never the reverse. One that
     * was left is not gone back to for its new keys: the peer may be closing it, and its transport
     * may be leaving.
     */
    private static boolean better(Link link, Link rival) {
        boolean fresh = !link.used && !link.origin.leaving();
        return fresh && rival.origin.relayed() && !link.origin.relayed();
    }

    /** Since when the link in use has no keys; 0 if it has. */
    long keylessSince() {
        return keylessSince;
    }

    boolean relayed() {
        return active != null && active.origin.relayed();
    }

    boolean suspect() {
        return active != null && active.suspect();
    }

    boolean leaving() {
        return active != null && active.origin.leaving();
    }

    private void assign(Link link) {
        generation++;
        link.generation = generation;
        pending = link == active ? null : link;
        pendingSince = session.world.nanoTime();
        if (pending != null) {
            long number = generation;
            session.world.after(Duration.ofNanos(PENDING_NANOS), () -> undecided(number));
        }
    }

    /** The peer did not attach to what it was given: it may have lost that path already. */
    private void undecided(long number) {
        session.enter();
        try {
            if (pending != null && number == generation) {
                pending = null;
                if (!activeGood()) {
                    chooseAgain();
                }
            }
        } finally {
            session.exit();
        }
    }

    /**
     * Gives the best path that there is the next number: the peer may have used one that is gone,
     * and must not stay there.
     *
     * @return whether there is any
     */
    private boolean chooseAgain() {
        Link best = activeGood() ? active : null;
        for (Link l : links) {
            if (best == null && l != active && l.keyed()) {
                best = l;
            }
        }
        if (best == null && active != null && active.keyed()) {
            best = active; // leaving or in doubt, but there
        }
        if (best == null) {
            return false;
        }
        assign(best);
        sendAttach(best);
        if (best != active && best.attached) {
            activate(best);
        }
        return true;
    }

    /**
     * Whether a path is about to be used. Another one that comes up meanwhile is a spare: given a
     * generation at once, it would leave the peer on one path and us on another.
     */
    boolean deciding() {
        return pending != null
                && links.contains(pending)
                && pending.keyed()
                && session.world.nanoTime() - pendingSince < PENDING_NANOS;
    }

    private void closeIfUnused(Link link) {
        session.world.after(
                Duration.ofSeconds(1),
                () -> {
                    session.enter();
                    try {
                        // What was in use is let go later: datagrams may be on their way there.
                        if (link != active
                                && link != pending
                                && !link.used
                                && link.generation < generation) {
                            link.redundant = true;
                            session.later(() -> link.close("a path is in use already"));
                        }
                    } finally {
                        session.exit();
                    }
                });
    }

    private void sendAttach(Link link) {
        int size =
                FrameWriter.ATTACH_HEADER + FrameWriter.ATTACH_ENTRY * session.pipes.count() + 16;
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(FrameWriter.ATTACH).put((byte) flags()).put(mine).put(theirs);
        out.putLong(controller ? link.generation : generation);
        session.pipes.writeOffsets(out);
        session.sendNow(link, out.flip());
    }

    private int flags() {
        return FrameWriter.KEEPS_AHEAD | (activeGood() ? 0 : FrameWriter.NEEDED);
    }

    /** Whether the peer keeps what comes by a new path before the last of the old one. */
    boolean peerKeepsAhead() {
        return peerKeepsAhead;
    }

    /** The peer's ATTACH came in under this epoch of the link. */
    void attach(Link link, int epoch, Attach a) {
        if (!Arrays.equals(theirs, a.mine())) {
            boolean restarted = theirs != UNKNOWN;
            theirs = a.mine();
            if (restarted) {
                restarted(link);
            }
        }
        peerKeepsAhead = a.keepsAhead();
        if (Arrays.equals(a.yours(), mine)) {
            session.pipes.offsets(a.pipes());
        }
        Epoch newest = link.newest();
        link.attached = newest != null && newest.number == epoch;
        if (controller) {
            boolean open = !activeGood() && !deciding();
            boolean wanted = a.needed() && !deciding() && knows(a) || open;
            if (link != active && wanted && link.generation < generation
                    || link.generation == 0 && open) {
                assign(link);
                sendAttach(link);
            }
            // New keys of the path in use count also while another path is being decided on.
            boolean chosen = link.generation == generation || link == active;
            if (link.attached && chosen && link.data != newest) {
                activate(link);
            }
        } else if (link.attached
                && (a.generation() > generation || link == active && link.data != newest)) {
            generation = Math.max(generation, a.generation());
            link.generation = generation;
            activate(link);
        }
    }

    /** Whether the peer knows what it was given last: before, it may call for what it has. */
    private boolean knows(Attach a) {
        return a.generation() >= generation
                || session.world.nanoTime() - pendingSince > PENDING_NANOS;
    }

    private void restarted(Link link) {
        session.pipes.peerRestarted();
        if (!controller) {
            generation = 0;
        }
        for (Link other : new ArrayList<>(links)) {
            if (other != link) {
                session.later(() -> other.close("the peer restarted"));
            }
        }
        if (active != link) {
            active = null;
        }
        pending = null;
    }

    private void activate(Link link) {
        if (link.generation == generation) {
            pending = null;
        }
        Link old = active;
        boolean drain = old != null && old != link && draining == null && lives(old);
        draining = drain ? old : null;
        Epoch before = link.data;
        active = link;
        link.used = true;
        link.data = link.newest();
        link.blocked = false;
        if (before != null && before != link.data) {
            session.world.after(Duration.ofSeconds(1), () -> link.dropOlder(before));
        }
        if (old != null && old != link) {
            tellSilence(old);
            old.data = null;
            // What is on its way there may still arrive; datagrams are not sent twice.
            retire(old, 1);
        }
        keylessSince = 0;
        session.rate.used(link);
        if (controller) {
            for (Link other : links) {
                if (other != active && other != old) {
                    closeIfUnused(other);
                }
            }
        }
        session.resumed(drain);
        session.later(() -> session.owner.inUse(session));
    }

    /** A path that is left because it seems dead moved nothing for a while, although none knew. */
    private void tellSilence(Link old) {
        if (old.suspect()) {
            Duration silent = Duration.ofNanos(session.world.nanoTime() - old.lastHeard);
            session.later(() -> session.owner.event(new NodeEvent.Resumed(session.remote, silent)));
        }
    }

    private static boolean lives(Link link) {
        return link.data != null && link.keyed() && !link.suspect();
    }

    /**
     * Closes it when nothing has come by it for a moment, since the peer uses another one, too, and
     * what was sent on it has left: streams do not wait for that, but nobody sends datagrams twice.
     */
    private void retire(Link old, int round) {
        session.world.after(
                LINGER,
                () -> {
                    session.enter();
                    try {
                        if (old == active || !links.contains(old)) {
                            return;
                        }
                        long silent = session.world.nanoTime() - old.lastHeard;
                        boolean more = silent < SILENT_NANOS;
                        if (!more) {
                            drained(old);
                        }
                        if ((more || old.blocked) && round < MOST_LINGERS) {
                            retire(old, round + 1);
                        } else {
                            session.later(() -> old.close("replaced by a newer path"));
                        }
                    } finally {
                        session.exit();
                    }
                });
    }

    private void drained(Link link) {
        if (link == draining) {
            draining = null;
            session.drained();
        }
    }

    /** The provider of the keys left; the link shakes hands anew in place. */
    void keyless(Link link) {
        if (link == active) {
            link.data = null;
            keylessSince = session.world.nanoTime();
            session.stalled("the crypto provider left: shaking hands anew");
        }
    }

    void down(Link link, String why) {
        if (!links.remove(link)) {
            return;
        }
        PathInfo info = info(link);
        session.later(() -> session.owner.event(new NodeEvent.PathDown(session.remote, info, why)));
        drained(link);
        if (link == active) {
            active = null;
            session.stalled(why);
        }
        boolean undecided = link == pending;
        if (undecided) {
            pending = null;
        }
        if (active != null && !undecided) {
            return;
        }
        if (controller) {
            if (deciding()) {
                sendAttach(pending); // the peer may need to be told that it is needed
                return;
            }
            if (chooseAgain()) {
                return;
            }
        } else {
            for (Link other : links) {
                if (other.keyed()) {
                    sendAttach(other);
                    return;
                }
            }
        }
        if (active == null) {
            session.pathless(link);
        }
    }

    void closeAll(String why) {
        for (Link link : new ArrayList<>(links)) {
            session.later(() -> link.close(why));
        }
        links.clear();
        active = null;
    }

    PathInfo info(Link link) {
        boolean used = link == active;
        Epoch e = link.newest();
        String why =
                used
                        ? "in use: the controller gave it the highest generation"
                        : link.redundant
                                ? "spare: another path was first"
                                : "standby: not chosen by the controller";
        return new PathInfo(
                link.generation,
                link.origin.strategy(),
                link.scheme,
                dev.karst.Endpoint.parse(link.local),
                dev.karst.Endpoint.parse(link.remote),
                e != null && e.alive() ? e.toString() : "no keys: " + Code.NO_PROVIDER,
                Duration.ofNanos(link.rttNanos),
                link.bytesOut,
                link.bytesIn,
                used,
                why);
    }

    List<PathInfo> info() {
        List<PathInfo> out = new ArrayList<>();
        links.forEach(l -> out.add(l == active ? 0 : out.size(), info(l)));
        return out;
    }
}
