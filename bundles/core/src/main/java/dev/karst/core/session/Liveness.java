// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.core.Limits;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Whether the links of a session live. Silent ones are pinged, and closed when they stay silent.
 * The one in use is looked at more closely while something waits for an answer: it becomes suspect
 * within a second, and another path is looked for beside it. Guarded by the session's lock.
 */
final class Liveness {
    /** How often the link in use is looked at while something waits. */
    private static final Duration LOOK = Duration.ofMillis(50);

    /** Silence that is worth a ping, with a round trip: longer than an ACK is held back. */
    private static final long SILENCE_NANOS = 100_000_000L;

    /** Longer than a thread is kept from running, with a margin. */
    private static final long PATIENCE_NANOS = 250_000_000L;

    private static final long PATIENCE_UNKNOWN_NANOS = 1_000_000_000L;

    /** Well within the silence after which a path counts as dead when its addresses are wanted. */
    private static final Duration PROBE_PAUSE = Duration.ofMillis(150);

    private static final int PROBES = 12;
    private static final long KEYLESS_NANOS = 30_000_000_000L;

    private final Session session;
    private boolean looking;
    private int probes; // still to come
    private boolean datagrams; // went out since the last look
    private long since; // something waits

    Liveness(Session session) {
        this.session = session;
    }

    /** Something goes out that may ask for an answer. */
    void sending() {
        if (!looking) {
            looking = true;
            since = session.world.nanoTime();
            session.world.after(LOOK, this::look);
        }
    }

    void sentDatagram() {
        datagrams = true;
        sending();
    }

    private void look() {
        session.enter();
        try {
            Link link = session.links.active();
            boolean waits = session.pipes.waiting() || datagrams || link != null && link.suspect();
            datagrams = false;
            if (link == null || !link.keyed() || !waits) {
                looking = false;
                return;
            }
            look(link, session.world.nanoTime());
            session.world.after(LOOK, this::look);
        } finally {
            session.exit();
        }
    }

    private void look(Link link, long now) {
        boolean known = link.rttNanos != 0;
        if (!unanswered(link)) {
            link.suspected = false;
            long silence = known ? SILENCE_NANOS + link.rttNanos : PATIENCE_UNKNOWN_NANOS;
            if (now - Math.max(link.lastHeard, since) > silence) {
                ping(link, now);
            }
            return;
        }
        // Nothing is lost by a wrong suspicion: another path is looked for, and this one stays.
        long patience = known ? PATIENCE_NANOS + link.rttNanos : PATIENCE_UNKNOWN_NANOS;
        if (!link.suspected && now - link.pingSent > patience) {
            link.suspected = true;
            session.count("link.suspect");
            session.later(() -> session.owner.suspect(session));
        }
    }

    private static boolean unanswered(Link link) {
        return link.pingSent != 0 && link.lastHeard - link.pingSent < 0;
    }

    /**
     * An attempt begins: for as long as it may take their addresses, paths that idle show that they
     * live. Several times, for what asks may be lost, and what was heard a while ago tells little.
     */
    void probe() {
        boolean probing = probes > 0;
        probes = PROBES;
        if (!probing) {
            probeAll();
        }
    }

    private void probeAll() {
        long now = session.world.nanoTime();
        for (Link link : session.links.all()) {
            if (!link.keyed()) {
                continue;
            }
            if (unanswered(link)) {
                ask(link);
            } else {
                ping(link, now);
            }
        }
        if (--probes > 0) {
            session.world.after(PROBE_PAUSE, this::probeAgain);
        }
    }

    private void probeAgain() {
        session.enter();
        try {
            probeAll();
        } finally {
            session.exit();
        }
    }

    /** About once a second: all links, whether anything waits or not. */
    void tick(long now) {
        for (Link link : session.links.all()) {
            if (link.bytesOut != link.bytesOutSeen) {
                link.bytesOutSeen = link.bytesOut;
                link.sentAt = now;
            }
            if (!link.keyed()) {
                boolean hopeless =
                        link == session.links.active()
                                ? session.links.keylessSince() != 0
                                        && now - session.links.keylessSince() > KEYLESS_NANOS
                                : now - link.lastHeard > limits().pingTimeout().toNanos();
                if (hopeless) {
                    session.later(() -> link.close("no keys came back"));
                }
            } else if (unanswered(link)) {
                if (now - link.pingSent > limits().pingTimeout().toNanos()) {
                    session.later(() -> link.close("the path went silent"));
                }
            } else if (link.rttNanos == 0 || idle(link, now)) {
                ping(link, now);
            }
        }
    }

    /** A router forgets a UDP mapping without packets; some count only those that go out. */
    private boolean idle(Link link, long now) {
        if (link.byUdp) {
            long most = session.owner.udpKeepAlive().toNanos();
            return now - Math.min(link.lastHeard, link.sentAt) > most;
        }
        return now - link.lastHeard > limits().pingInterval().toNanos();
    }

    private Limits limits() {
        return session.table.limits();
    }

    private void ping(Link link, long now) {
        link.pingSent = now == 0 ? 1 : now;
        ask(link);
    }

    private void ask(Link link) {
        session.sendNow(link, ByteBuffer.wrap(FrameWriter.ping(FrameWriter.PING, link.pingSent)));
    }

    void pong(Link link, long token) {
        if (token == link.pingSent) {
            long rtt = session.world.nanoTime() - token;
            link.rttNanos = link.rttNanos == 0 ? rtt : (7 * link.rttNanos + rtt) / 8;
            link.pingSent = 0;
        }
    }
}
