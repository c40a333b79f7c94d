// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport;
import dev.karst.ConnectReport.Attempt;
import dev.karst.ConnectReport.Outcome;
import dev.karst.PeerId;
import dev.karst.core.world.World;
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
    private final List<Line> lines = new ArrayList<>();
    private Duration took;
    private String verdict = "looking for a path";
    private String advice = "";

    ReportBuilder(World world, PeerId peer) {
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

    synchronized void conclude(String sentence, String help) {
        if (took == null) {
            took = elapsed();
            verdict = sentence;
            advice = help;
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(world.nanoTime() - startNanos);
    }

    synchronized ConnectReport build() {
        List<Attempt> attempts = new ArrayList<>();
        lines.forEach(l -> attempts.add(l.snapshot()));
        return new ConnectReport(
                peer, started, took == null ? elapsed() : took, attempts, verdict, advice);
    }
}
