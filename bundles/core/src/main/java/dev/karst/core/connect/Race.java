// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport.Outcome;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerAddress;
import dev.karst.core.Counters;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * All strategies against one set of candidates: the best odds first, the next ones staggered, the
 * first proven path wins and the others are called off.
 */
final class Race {
    private static final Duration STAGGER = Duration.ofMillis(150);

    private record Runner(ProviderHandle<TraversalStrategy> strategy, Odds odds) {}

    private final World world;
    private final ProviderRegistry registry;
    private final SessionTable sessions;
    private final Sockets sockets;
    private final Counters counters;
    private final ReportBuilder report;
    private final Duration limit;
    private final CompletableFuture<String> won = new CompletableFuture<>();
    private final List<CoreScope> running = new ArrayList<>();
    private Code worst = Code.UNREACHABLE;
    private int open;

    Race(
            World world,
            ProviderRegistry registry,
            SessionTable sessions,
            Sockets sockets,
            Counters counters,
            ReportBuilder report,
            Duration limit) {
        this.world = world;
        this.registry = registry;
        this.sessions = sessions;
        this.sockets = sockets;
        this.counters = counters;
        this.report = report;
        this.limit = limit;
    }

    /**
     * Completes with the winning strategy's name, or fails when all are exhausted.
     *
     * @param which those that are to be tried
     */
    CompletableFuture<String> run(
            PeerAddress to, Terms terms, Mail mail, Predicate<TraversalStrategy> which) {
        List<Runner> order = new ArrayList<>();
        for (ProviderHandle<TraversalStrategy> h : registry.usable(TraversalStrategy.class)) {
            try {
                TraversalStrategy s = h.service();
                if (which.test(s)) {
                    add(order, h, s.estimate(terms.localNat(), terms.remoteNat()));
                }
            } catch (Throwable e) {
                if (!h.isGone()) {
                    h.crashed("estimate", e);
                }
            }
        }
        order.sort(
                Comparator.comparingDouble(
                        r -> -r.odds.chance() / (r.odds.time().toMillis() + 1.0)));
        if (order.isEmpty()) {
            won.completeExceptionally(
                    new KarstException(
                            Code.NO_PROVIDER,
                            "no traversal strategy: install karst-traversal-direct"));
        }
        open = order.size();
        Duration delay = Duration.ZERO;
        for (Runner r : order) {
            world.after(delay, () -> start(r, to, terms, mail));
            delay = delay.plus(STAGGER);
        }
        return won;
    }

    /** What has no chance is not tried; the report says so. */
    private void add(List<Runner> to, ProviderHandle<TraversalStrategy> h, Odds odds) {
        if (odds.chance() > 0) {
            to.add(new Runner(h, odds));
            return;
        }
        ReportBuilder.Line line = report.line(h.ref().name());
        line.evidence("no chance between these two NATs");
        line.end(Outcome.SKIPPED);
    }

    private void start(Runner r, PeerAddress to, Terms terms, Mail mail) {
        String name = r.strategy.ref().name();
        CoreScope scope = r.strategy.scope(limit);
        synchronized (this) {
            if (won.isDone()) {
                scope.cancel();
                return;
            }
            running.add(scope);
        }
        ReportBuilder.Line line = report.line(name);
        Punching punching = new Punching(sockets, terms.user(), scope, counters);
        AttemptImpl attempt =
                new AttemptImpl(registry, sessions, to, name, terms, mail, punching, line, scope);
        r.strategy
                .<Path>call("attempt", scope, limit, (s, sc) -> s.attempt(attempt))
                .whenComplete((path, e) -> ended(name, attempt, scope, line, path, e));
    }

    private void ended(
            String name,
            AttemptImpl attempt,
            CoreScope scope,
            ReportBuilder.Line line,
            Path path,
            Throwable e) {
        if (path != null) {
            line.end(won.complete(name) ? Outcome.WON : Outcome.STANDBY);
            cancel();
            scope.cancel();
            return;
        }
        KarstException why =
                e != null
                        ? Detached.of(e)
                        : new KarstException(Code.IO, name + " gave neither a path nor a reason");
        line.evidence(why.getMessage());
        line.end(won.isDone() ? Outcome.CANCELLED : Outcome.FAILED);
        boolean last;
        Code code;
        synchronized (this) {
            Code c = attempt.worst();
            worst = c != Code.UNREACHABLE ? c : worst;
            code = worst;
            last = --open == 0;
        }
        scope.cancel();
        if (last) {
            won.completeExceptionally(new KarstException(code, why.getMessage()));
        }
    }

    /** Calls all off. */
    void cancel() {
        List<CoreScope> all;
        won.completeExceptionally(new KarstException(Code.CLOSED, "called off"));
        synchronized (this) {
            all = new ArrayList<>(running);
            running.clear();
        }
        all.forEach(CoreScope::cancel);
    }
}
