// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport.Outcome;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.Subscription;
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
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * All strategies against one set of candidates: the best odds first, the next ones a little later.
 * The first proven path wins; if it goes by a relay the others go on, for a direct one is better,
 * else they are called off. Strategies are asked for their odds on lanes of their own; one that is
 * late with them starts late, and delays no other.
 */
final class Race {
    private static final Duration STAGGER = Duration.ofMillis(50);

    /** Nobody waits longer, however many are before him: one of them may know a relay. */
    private static final Duration LAST = Duration.ofMillis(150);

    /** Where none is likelier to succeed, none is worth waiting for. */
    private static final double LOW = 0.2;

    /** An estimate returns at once: what takes this long is broken. */
    private static final Duration ESTIMATE = Duration.ofSeconds(1);

    /** How long the start waits for odds, so that the best come first. */
    private static final Duration ASKING = Duration.ofMillis(20);

    /** The strategies that a race is for. */
    enum Kind {
        ALL,
        MUTUAL,
        ALONE;

        boolean has(TraversalStrategy s) {
            return this == ALL || s.mutual() == (this == MUTUAL);
        }
    }

    /**
     * @param rank the higher the earlier
     */
    private record Runner(ProviderHandle<TraversalStrategy> strategy, double chance, double rank) {}

    private final World world;
    private final ProviderRegistry registry;
    private final SessionTable sessions;
    private final Sockets sockets;
    private final Counters counters;
    private final ReportBuilder report;
    private final Duration limit;
    private final CompletableFuture<String> won = new CompletableFuture<>();
    private final CompletableFuture<Optional<String>> ended = new CompletableFuture<>();
    private final List<CoreScope> running = new ArrayList<>(); // guarded by this, like the rest
    private final List<Runner> order = new ArrayList<>();
    private Consumer<Runner> starter;
    private Code worst = Code.UNREACHABLE;
    private String reason = "no strategy has a chance between these two NATs";
    private boolean begun;
    private boolean over; // won by a direct path, or called off
    private boolean matched;
    private int asked; // without an answer yet
    private int open; // asked, waiting to start, or running

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

    /** Completes with the winning strategy's name, or fails when all are exhausted. */
    CompletableFuture<String> run(PeerAddress to, Terms terms, Mail mail, Kind kind) {
        report.nats(terms.localNat(), terms.remoteNat());
        List<ProviderHandle<TraversalStrategy>> handles = handles(to.id());
        if (handles.isEmpty()) {
            won.completeExceptionally(
                    new KarstException(
                            Code.NO_PROVIDER,
                            "no traversal strategy is installed: install karst-traversal-direct"));
            ended.complete(Optional.empty());
            return won;
        }
        synchronized (this) {
            starter = r -> start(r, to, terms, mail);
            asked = handles.size();
            open = asked;
        }
        Subscription window = world.after(ASKING, this::begin);
        won.whenComplete((w, e) -> window.close());
        handles.forEach(h -> ask(h, terms, kind));
        return won;
    }

    /**
     * Of two versions side by side the better one: both sides know a strategy by its name, and so
     * do its messages and sockets.
     */
    private List<ProviderHandle<TraversalStrategy>> handles(PeerId peer) {
        List<ProviderHandle<TraversalStrategy>> out = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (ProviderHandle<TraversalStrategy> h : registry.usable(TraversalStrategy.class, peer)) {
            if (names.add(h.ref().name())) {
                out.add(h);
            }
        }
        return out;
    }

    /** Whether it failed because no strategy of its kind was there. */
    synchronized boolean idle() {
        return !matched;
    }

    private void ask(ProviderHandle<TraversalStrategy> h, Terms terms, Kind kind) {
        CoreScope scope = h.scope(ESTIMATE);
        h.<Optional<Odds>>call(
                        "estimate",
                        scope,
                        ESTIMATE,
                        (s, sc) -> CompletableFuture.completedFuture(odds(s, terms, kind)))
                .whenComplete(
                        (odds, e) -> {
                            scope.cancel();
                            answered(h, odds, e);
                        });
    }

    private static Optional<Odds> odds(TraversalStrategy s, Terms terms, Kind kind) {
        if (!kind.has(s)) {
            return Optional.empty();
        }
        Odds odds = s.estimate(terms.localNat(), terms.remoteNat());
        Objects.requireNonNull(odds.time(), "odds without a time");
        return Optional.of(odds);
    }

    private void answered(
            ProviderHandle<TraversalStrategy> h, Optional<Odds> odds, Throwable failure) {
        boolean chance = failure == null && odds.isPresent() && odds.get().chance() > 0;
        if (failure != null) {
            skip(h, Detached.of(failure).getMessage(), Outcome.FAILED);
        } else if (odds.isPresent() && !chance) {
            skip(h, "no chance between these two NATs", Outcome.SKIPPED);
        }
        Runner runner = chance ? new Runner(h, odds.get().chance(), rank(odds.get())) : null;
        boolean late;
        boolean last;
        synchronized (this) {
            asked--;
            matched |= failure != null || odds.isPresent();
            late = begun;
            if (chance && !late) {
                order.add(runner);
            }
            last = asked == 0;
        }
        if (!chance) {
            gone();
        } else if (late) {
            start(runner);
        }
        if (last) {
            begin();
        }
    }

    private static double rank(Odds odds) {
        Duration t = odds.time(); // toMillis would overflow for what a strategy may say
        return odds.chance() / (t.toSeconds() * 1e3 + t.getNano() * 1e-6 + 1);
    }

    /** What is not tried has its line in the report too. */
    private void skip(ProviderHandle<?> h, String why, Outcome how) {
        ReportBuilder.Line line = report.line(h.ref().name());
        line.evidence(why);
        line.end(how);
    }

    /** All have answered, or have had their time: the others start when they do. */
    private void begin() {
        List<Runner> first;
        synchronized (this) {
            if (begun) {
                return;
            }
            begun = true;
            order.sort(Comparator.comparingDouble(r -> -r.rank));
            first = List.copyOf(order);
        }
        boolean hopeless = first.stream().allMatch(r -> r.chance < LOW);
        Duration delay = Duration.ZERO;
        for (Runner r : first) {
            world.after(delay, () -> start(r));
            if (!hopeless && delay.compareTo(LAST) < 0) {
                delay = delay.plus(STAGGER);
            }
        }
    }

    private void start(Runner r) {
        Consumer<Runner> s;
        synchronized (this) {
            s = starter;
        }
        s.accept(r);
    }

    /** One less that may bring a path; after the last one the race is lost. */
    private void gone() {
        KarstException why;
        synchronized (this) {
            if (--open > 0) {
                return;
            }
            why =
                    matched
                            ? new KarstException(worst, reason)
                            : new KarstException(
                                    Code.NO_PROVIDER,
                                    "no strategy for this is installed: see karst:why");
        }
        won.completeExceptionally(why);
        ended.complete(Optional.empty());
    }

    private void start(Runner r, PeerAddress to, Terms terms, Mail mail) {
        String name = r.strategy.ref().name();
        CoreScope scope = r.strategy.scope(limit);
        synchronized (this) {
            if (over) {
                scope.cancel();
                return;
            }
            running.add(scope);
        }
        ReportBuilder.Line line = report.line(name);
        Punching punching = new Punching(sockets, terms.user(), scope, counters);
        AttemptImpl attempt =
                new AttemptImpl(registry, sessions, to, name, terms, mail, punching, line, scope);
        CompletableFuture<Path> result =
                r.strategy.call("attempt", scope, limit, (s, sc) -> s.attempt(attempt));
        attempt.refused().thenAccept(result::completeExceptionally);
        result.whenComplete((path, e) -> ended(r, attempt, scope, line, path, e));
    }

    /**
     * A strategy on trial failed: the version before it goes on, as if there were no trial.
     *
     * @return whether there is one
     */
    private boolean standIn(Runner failed) {
        if (failed.strategy.trial() == null) {
            return false;
        }
        String name = failed.strategy.ref().name();
        Optional<ProviderHandle<TraversalStrategy>> elder =
                registry.usable(TraversalStrategy.class).stream()
                        .filter(h -> h.trial() == null && h.ref().name().equals(name))
                        .findFirst();
        elder.ifPresent(h -> start(new Runner(h, failed.chance, failed.rank)));
        return elder.isPresent();
    }

    private void ended(
            Runner r,
            AttemptImpl attempt,
            CoreScope scope,
            ReportBuilder.Line line,
            Path path,
            Throwable e) {
        String name = r.strategy.ref().name();
        if (path != null) {
            boolean relayed = attempt.provedRelayed();
            boolean better = !relayed && !isOver(); // than a relayed one that won
            if (!relayed) {
                ended.complete(Optional.of(name));
            }
            boolean first = won.complete(name);
            line.end(first || better ? Outcome.WON : Outcome.STANDBY);
            scope.cancel();
            if (relayed) {
                gone();
            } else {
                cancel();
            }
            return;
        }
        KarstException why =
                e != null
                        ? Detached.of(e)
                        : new KarstException(Code.IO, name + " gave neither a path nor a reason");
        line.evidence(why.getMessage());
        boolean calledOff;
        synchronized (this) {
            calledOff = over;
            Code c = attempt.worst();
            worst = c != Code.UNREACHABLE ? c : worst;
            reason = why.getMessage();
        }
        line.end(calledOff ? Outcome.CANCELLED : Outcome.FAILED);
        scope.cancel();
        if (calledOff || !standIn(r)) {
            gone();
        }
    }

    private synchronized boolean isOver() {
        return over;
    }

    /**
     * Completes when nobody looks for a path any more, with the strategy that found a direct one,
     * if one did.
     */
    CompletableFuture<Optional<String>> ended() {
        return ended;
    }

    /** Calls all off. */
    void cancel() {
        List<CoreScope> all;
        won.completeExceptionally(new KarstException(Code.CLOSED, "called off"));
        synchronized (this) {
            over = true;
            all = new ArrayList<>(running);
            running.clear();
        }
        ended.complete(Optional.empty());
        all.forEach(CoreScope::cancel);
    }
}
