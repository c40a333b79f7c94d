// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport;
import dev.karst.ConnectReport.Attempt;
import dev.karst.ConnectReport.Outcome;
import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.core.connect.Verdict.Tally;
import dev.karst.core.world.World;
import dev.karst.spi.nat.NatProfile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Collects what happened while a peer was looked for. Thread-safe; bounded. */
final class ReportBuilder {
    private static final int MAX_EVIDENCE = 200;

    /** One attempt as it goes. */
    final class Line {
        private final String strategy;
        private final long began = world.nanoTime();
        private final List<String> evidence = new ArrayList<>();
        private long ended;
        private Outcome outcome = Outcome.RUNNING;
        private boolean relayed;

        private Line(String strategy) {
            this.strategy = strategy;
        }

        void evidence(String text) {
            synchronized (ReportBuilder.this) {
                if (evidence.size() < MAX_EVIDENCE) {
                    evidence.add(text);
                }
            }
        }

        /** Its path goes through a relay. */
        void relayed() {
            synchronized (ReportBuilder.this) {
                relayed = true;
            }
        }

        void end(Outcome o) {
            synchronized (ReportBuilder.this) {
                if (outcome == Outcome.RUNNING) {
                    outcome = o;
                    ended = world.nanoTime();
                }
            }
        }

        private Attempt snapshot() {
            long until = outcome == Outcome.RUNNING ? world.nanoTime() : ended;
            return new Attempt(
                    strategy,
                    Duration.ofNanos(began - startNanos),
                    Duration.ofNanos(until - began),
                    outcome,
                    evidence);
        }
    }

    private final World world;
    private final PeerId peer;
    private final Instant started;
    private final long startNanos;
    private final boolean relay;
    private final List<Line> lines = new ArrayList<>();
    private Duration took;
    private Verdict verdict;
    private boolean connected;
    private ReportBuilder origin; // of the relayed path that this effort would replace
    private Nats nats = Nats.UNKNOWN;
    private Tally tally = Tally.NONE;

    ReportBuilder(World world, PeerId peer) {
        this(world, peer, true);
    }

    /**
     * @param relay false where one is in use already, and only a direct path would be better
     */
    ReportBuilder(World world, PeerId peer, boolean relay) {
        this.relay = relay;
        this.verdict =
                new Verdict(
                        relay
                                ? "looking for a path"
                                : "connected through a relay; looking for a direct path",
                        "");
        this.world = world;
        this.peer = peer;
        this.started = world.clock().instant();
        this.startNanos = world.nanoTime();
    }

    synchronized Line line(String strategy) {
        Line l = new Line(strategy);
        lines.add(l);
        return l;
    }

    /**
     * Goes on where the effort before it ended: counts on, and where only a direct path is looked
     * for, tells first how the present one came about.
     *
     * @param before null if there was none
     */
    void follows(ReportBuilder before) {
        Tally t = before == null ? Tally.NONE : before.tally();
        ReportBuilder o = before == null || relay ? null : before.origin();
        synchronized (this) {
            tally = t;
            origin = o;
        }
    }

    /** Whose path is in use, if there is one. */
    private synchronized ReportBuilder origin() {
        return connected ? this : origin;
    }

    private synchronized Tally tally() {
        return tally;
    }

    /** What stands between the two; the peer's is known only when it answered. */
    synchronized void nats(NatProfile local, NatProfile remote) {
        boolean told = remote.ipv4().isPresent() || remote.ipv6().isPresent();
        nats = new Nats(local, told ? remote : nats.remote());
    }

    synchronized void won(String strategy) {
        // Its line ends a moment later.
        boolean relayed = lines.stream().anyMatch(l -> l.relayed && l.strategy.equals(strategy));
        if (took == null) {
            tally = tally.add(!relayed);
            connected = true;
            conclude(Verdict.won(strategy, relayed, attempts(), nats, tally));
        }
    }

    /** A direct path took over from the relayed one that won. */
    synchronized void upgraded(String strategy) {
        tally = tally.add(true);
        verdict = Verdict.upgraded(strategy, attempts());
    }

    /** A path stands that was none of this effort's. */
    synchronized void overtaken() {
        if (took == null) {
            conclude(new Verdict("connected: the peer reached us first", ""));
        }
    }

    synchronized void failed(KarstException why) {
        if (took == null) {
            tally = why.code() == KarstException.Code.CLOSED ? tally : tally.add(false);
            conclude(
                    relay
                            ? Verdict.failed(why, attempts(), nats, tally)
                            : Verdict.stays(why, attempts(), nats, tally));
        }
    }

    private void conclude(Verdict v) {
        took = elapsed();
        verdict = v;
    }

    private List<Attempt> attempts() {
        return lines.stream().map(Line::snapshot).toList();
    }

    private Duration elapsed() {
        return Duration.ofNanos(world.nanoTime() - startNanos);
    }

    synchronized ConnectReport build() {
        if (origin != null) {
            return origin.continued(this);
        }
        return new ConnectReport(
                peer,
                started,
                took == null ? elapsed() : took,
                attempts(),
                verdict.sentence(),
                verdict.advice());
    }

    /** How the path came about, and then what was done for a better one. */
    private synchronized ConnectReport continued(ReportBuilder later) {
        List<Attempt> all = new ArrayList<>(attempts());
        Duration shift = Duration.ofNanos(later.startNanos - startNanos);
        for (Attempt a : later.attempts()) {
            Duration began = a.began().plus(shift);
            all.add(new Attempt(a.strategy(), began, a.took(), a.outcome(), a.evidence()));
        }
        Verdict v = later.took == null ? verdict : later.verdict;
        return new ConnectReport(peer, started, took, all, v.sentence(), v.advice());
    }
}
