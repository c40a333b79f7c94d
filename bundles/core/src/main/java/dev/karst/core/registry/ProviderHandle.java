// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.registry;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.NodeEvent.ProviderChanged.Change;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.admin.ProviderRef;
import dev.karst.core.Counters;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;

/**
 * One provider while it is here, and the only reference to it that outlives a call. Control calls
 * run on a lane of the provider with a deadline: what hangs costs one abandoned thread, what throws
 * or hangs is recorded and quarantined. A quarantine ends by itself after a while, each a longer
 * one, on probation: the next failure begins another. {@link #gone} lets go of everything.
 */
public final class ProviderHandle<T> {
    /** Told when the core itself takes a provider out of use, and when it takes it back. */
    interface Watcher {
        void changed(ProviderHandle<?> handle, Change change, String why);
    }

    /** Whether new work goes to a provider. */
    public enum State {
        ACTIVE,
        DRAINING,
        QUARANTINED,
        GONE
    }

    private static final int KEPT_ERRORS = 8;
    private static final int ERRORS_TO_QUARANTINE = 3;

    /** Long enough for the others to take over, short enough for the only one of its kind. */
    private static final Duration FIRST_QUARANTINE = Duration.ofSeconds(2);

    private static final Duration LONGEST_QUARANTINE = Duration.ofMinutes(5);

    /** Calls return at once, whenever their stage completes; a busy machine may take a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Calls that only ask: they do not count in its score. */
    private static final Set<String> ASKING = Set.of("estimate", "probe", "prepare", "predict");

    private final ProviderRef ref;
    private final String bundle;
    private final int ranking;
    private final Set<String> schemes;
    private final Set<String> over;
    private final World world;
    private final Counters counters;
    private final Watcher watcher;
    private final Score score = new Score();

    /** In the order they came: so they end in the same order each time. */
    private final Set<CoreScope> scopes = Collections.synchronizedSet(new LinkedHashSet<>());

    private final ArrayDeque<String> errors = new ArrayDeque<>();
    private volatile T service;
    private volatile Executor lane;
    private volatile State state = State.ACTIVE;
    private volatile Trial trial;
    private int crashes; // guarded by this, like the next two
    private int quarantines;
    private Subscription release = () -> {};

    ProviderHandle(
            ProviderRef ref,
            String bundle,
            int ranking,
            Set<String> schemes,
            Set<String> over,
            T service,
            World world,
            Counters counters,
            Watcher watcher) {
        this.ref = ref;
        this.bundle = bundle;
        this.ranking = ranking;
        this.schemes = schemes;
        this.over = over;
        this.service = service;
        this.world = world;
        this.counters = counters;
        this.watcher = watcher;
        this.lane = world.lane(ref.toString());
    }

    public ProviderRef ref() {
        return ref;
    }

    public String bundle() {
        return bundle;
    }

    public int ranking() {
        return ranking;
    }

    public boolean serves(String scheme) {
        return schemes.contains(scheme);
    }

    /** Whether a transport makes paths of what strategies found by {@code tcp} or {@code udp}. */
    public boolean runsOver(String protocol) {
        return over.contains(protocol);
    }

    public State state() {
        return state;
    }

    /** Whether new work may go to it. */
    public boolean usable() {
        return state == State.ACTIVE;
    }

    public boolean isGone() {
        return state == State.GONE;
    }

    /** How its work went. */
    public Score score() {
        return score;
    }

    /** The trial that it is on, or null. */
    public Trial trial() {
        return trial;
    }

    void trial(Trial t) {
        trial = t;
    }

    /** Whether it may work for that peer, as far as its trial goes. */
    boolean serves(PeerId peer) {
        Trial t = trial;
        return t == null || peer != null && t.serves(peer);
    }

    synchronized void draining(boolean on) {
        if (on ? state != State.GONE : state == State.DRAINING || state == State.QUARANTINED) {
            state = on ? State.DRAINING : State.ACTIVE;
            crashes = 0;
            release.close();
        }
    }

    public synchronized List<String> errors() {
        return new ArrayList<>(errors);
    }

    /** The service for a short data call; fails when the provider is gone. Do not keep it. */
    public T service() {
        T s = service;
        if (s == null) {
            throw new KarstException(Code.NO_PROVIDER, ref + " has left");
        }
        return s;
    }

    /** A scope that ends with {@code limit} or with the provider, whichever is first. */
    public CoreScope scope(Duration limit) {
        Instant deadline = limit == null ? Instant.MAX : world.clock().instant().plus(limit);
        CoreScope scope = new CoreScope(world, lane, counters, deadline);
        scopes.add(scope);
        scope.onCancel(() -> scopes.remove(scope));
        if (isGone()) {
            scope.cancel();
        }
        return scope;
    }

    /**
     * Calls the provider on its lane.
     *
     * @param scope handed to the provider; cancelled when the call fails or times out, else left
     *     open
     * @return completes once, with detached exceptions only; late and double completions are
     *     ignored
     */
    public <R> CompletableFuture<R> call(
            String what,
            CoreScope scope,
            Duration limit,
            BiFunction<T, CoreScope, ? extends CompletionStage<? extends R>> call) {
        CompletableFuture<R> result = new CompletableFuture<>();
        AtomicBoolean returned = new AtomicBoolean();
        AtomicBoolean calledOff = new AtomicBoolean();
        Subscription timer =
                world.after(
                        limit,
                        () -> {
                            result.completeExceptionally(
                                    new KarstException(
                                            Code.TIMEOUT,
                                            ref + " " + what + ": no answer in " + limit));
                        });
        Subscription cancelled =
                scope.onCancel(
                        () -> {
                            calledOff.set(!result.isDone());
                            result.completeExceptionally(
                                    new KarstException(
                                            Code.CLOSED, ref + " " + what + ": cancelled"));
                        });
        result.whenComplete(
                (r, e) -> {
                    timer.close();
                    cancelled.close();
                    if (!calledOff.get() && !ASKING.contains(what)) {
                        score.count(e == null);
                    }
                    if (e == null) {
                        wellDone();
                    }
                    if (e != null) {
                        scope.cancel();
                    }
                });
        lane.execute(
                () -> {
                    if (result.isDone()) {
                        return;
                    }
                    Subscription watch =
                            world.after(
                                    patience(what, limit),
                                    () -> {
                                        if (!returned.get()) {
                                            abandonThread(what);
                                            result.completeExceptionally(
                                                    new KarstException(
                                                            Code.TIMEOUT,
                                                            ref + " " + what + " did not return"));
                                        }
                                    });
                    try {
                        CompletionStage<? extends R> stage = call.apply(service(), scope);
                        stage.whenComplete(
                                (r, e) -> {
                                    boolean first =
                                            e == null
                                                    ? result.complete(r)
                                                    : result.completeExceptionally(Detached.of(e));
                                    if (!first) {
                                        counters.add("provider.late-completion");
                                    }
                                });
                    } catch (Throwable e) {
                        if (!(e instanceof KarstException) && !isGone()) {
                            crashed(what, e);
                        }
                        result.completeExceptionally(Detached.of(e));
                    } finally {
                        returned.set(true);
                        watch.close();
                    }
                });
        return result;
    }

    /** How long a call may keep the lane, and so whatever else the provider is asked. */
    private static Duration patience(String what, Duration limit) {
        boolean slow = what.equals("prepare"); // loads what is needed, so that others need not
        return slow || limit.compareTo(PATIENCE) < 0 ? limit : PATIENCE;
    }

    private void abandonThread(String what) {
        counters.add("provider.abandoned-threads");
        lane = world.lane(ref + " again");
        note(what + " did not return");
        quarantine(what + " did not return");
    }

    /** A call threw where the contract says it does not. */
    public void crashed(String what, Throwable e) {
        counters.add("provider.crashes");
        note(what + " threw " + Detached.text(e));
        synchronized (this) {
            crashes++;
            if (crashes < ERRORS_TO_QUARANTINE) {
                return;
            }
        }
        quarantine(what + " threw " + Detached.text(e));
    }

    private void quarantine(String why) {
        Duration time;
        synchronized (this) {
            if (state != State.ACTIVE && state != State.DRAINING) {
                return;
            }
            // What is being drained gets no new work as it is, and must not get any afterwards.
            if (state == State.ACTIVE) {
                state = State.QUARANTINED;
            }
            time = FIRST_QUARANTINE.multipliedBy(1L << Math.min(quarantines, 10));
            time = time.compareTo(LONGEST_QUARANTINE) > 0 ? LONGEST_QUARANTINE : time;
            quarantines++;
            release = world.after(time, this::probation);
        }
        counters.add("provider.quarantines");
        tell(Change.QUARANTINED, why + "; tried again in " + time.toSeconds() + " s");
    }

    /** Not from here: a caller may hold the lock of a path. */
    private void tell(Change change, String why) {
        world.after(Duration.ZERO, () -> watcher.changed(this, change, why));
    }

    private void probation() {
        synchronized (this) {
            if (state != State.QUARANTINED) {
                return;
            }
            state = State.ACTIVE;
            crashes = ERRORS_TO_QUARANTINE - 1;
        }
        tell(Change.ARRIVED, "on probation");
    }

    private synchronized void wellDone() {
        crashes = 0;
    }

    /** Keeps a line for the operator. */
    public synchronized void note(String line) {
        if (errors.size() == KEPT_ERRORS) {
            errors.poll();
        }
        errors.add(line.length() > 300 ? line.substring(0, 300) : line);
    }

    /** The provider has left: cancels its scopes and drops every reference. Returns at once. */
    void gone() {
        synchronized (this) {
            state = State.GONE;
            release.close();
        }
        service = null;
        for (CoreScope s : new ArrayList<>(scopes)) {
            s.cancel();
        }
        scopes.clear();
    }

    /** Cancels its scopes without letting it go: used when it was drained. */
    public void cancelWork() {
        for (CoreScope s : new ArrayList<>(scopes)) {
            s.cancel();
        }
    }

    @Override
    public String toString() {
        return ref.toString();
    }
}
