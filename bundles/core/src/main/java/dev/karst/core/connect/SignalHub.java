// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.identity.SignalBox;
import dev.karst.core.identity.SignalBox.Content;
import dev.karst.core.identity.SignalBox.Signal;
import dev.karst.core.identity.SignalBox.Type;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.spi.signaling.SignalSink;
import dev.karst.spi.signaling.SignalingBackend;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Signals by all backends at once: sends, receives, opens, and knows where we can be signaled. */
public final class SignalHub {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final int MAX_WAITING = 256;
    private final World world;
    private final ProviderRegistry registry;
    private final PeerId self;
    private final SignalBox box;
    private final Counters counters;
    private final Consumer<Signal> receiver;
    private final Runnable changed;
    private final Executor opener;
    private final int perSecond;
    private final Map<ProviderHandle<?>, List<Endpoint>> reachable = new HashMap<>();
    private double tokens;
    private long refilled;
    private int waiting;

    public SignalHub(
            World world,
            ProviderRegistry registry,
            PeerId self,
            SignalBox box,
            Counters counters,
            int perSecond,
            Consumer<Signal> receiver,
            Runnable changed) {
        this.world = world;
        this.registry = registry;
        this.self = self;
        this.box = box;
        this.counters = counters;
        this.perSecond = perSecond;
        this.receiver = receiver;
        this.changed = changed;
        this.opener = world.lane("signals");
        this.tokens = perSecond;
        this.refilled = world.nanoTime();
    }

    /** A backend came: receive by it. */
    public void arrived(ProviderHandle<SignalingBackend> backend) {
        CoreScope scope = backend.scope(null);
        synchronized (this) {
            reachable.put(backend, List.of());
        }
        SignalSink sink =
                new SignalSink() {
                    @Override
                    public void signal(byte[] sealed) {
                        if (!backend.isGone()) {
                            received(sealed);
                        }
                    }

                    @Override
                    public void reachableAt(List<Endpoint> endpoints) {
                        if (!scope.cancelled()) {
                            set(backend, List.copyOf(endpoints));
                        }
                    }
                };
        backend.<Subscription>call(
                        "receive",
                        scope,
                        LIMIT,
                        (b, s) -> CompletableFuture.completedFuture(b.receive(self, sink, s)))
                .whenComplete(
                        (s, e) -> {
                            if (e != null && backend.usable()) {
                                backend.note("receive: " + Detached.text(e));
                                world.after(
                                        RETRY,
                                        () -> {
                                            if (backend.usable()) {
                                                arrived(backend);
                                            }
                                        });
                            }
                        });
    }

    public void left(ProviderHandle<?> backend) {
        synchronized (this) {
            if (reachable.remove(backend) == null) {
                return;
            }
        }
        changed.run();
    }

    private void set(ProviderHandle<?> backend, List<Endpoint> endpoints) {
        synchronized (this) {
            if (!reachable.containsKey(backend)) {
                return;
            }
            List<Endpoint> old = reachable.put(backend, endpoints);
            if (endpoints.equals(old)) {
                return;
            }
        }
        changed.run();
    }

    /** Where this node can be signaled now. */
    public synchronized List<Endpoint> endpoints() {
        Set<Endpoint> all = new LinkedHashSet<>();
        reachable.values().forEach(all::addAll);
        List<Endpoint> out = new ArrayList<>(all);
        return out.subList(0, Math.min(out.size(), PeerAddress.MAX_ENDPOINTS));
    }

    /** Whether every backend is connected. */
    public synchronized boolean connected() {
        return reachable.values().stream().noneMatch(List::isEmpty);
    }

    private void received(byte[] sealed) {
        synchronized (this) {
            long now = world.nanoTime();
            tokens = Math.min(perSecond, tokens + (now - refilled) * 1e-9 * perSecond);
            refilled = now;
            if (sealed.length > SignalingBackend.MAX_SIGNAL
                    || tokens < 1
                    || waiting > MAX_WAITING) {
                counters.add("signal.rate-limited");
                return;
            }
            tokens--;
            waiting++;
        }
        opener.execute(
                () -> {
                    synchronized (this) {
                        waiting--;
                    }
                    try {
                        receiver.accept(box.open(sealed));
                    } catch (GeneralSecurityException e) {
                        counters.add("signal.refused");
                    }
                });
    }

    /**
     * Sends by every backend that reaches the peer.
     *
     * @return completes when one was acknowledged; fails when none was
     */
    CompletableFuture<String> send(
            PeerAddress to,
            Type type,
            String attempt,
            PeerAddress own,
            Content content,
            ReportBuilder.Line line) {
        CompletableFuture<String> sent = new CompletableFuture<>();
        byte[] sealed;
        try {
            sealed = box.seal(to, type, attempt, own, content);
        } catch (GeneralSecurityException e) {
            sent.completeExceptionally(e);
            return sent;
        }
        List<CompletableFuture<Void>> tries = new ArrayList<>();
        for (Endpoint via : to.signaling()) {
            backendFor(via).ifPresent(b -> tries.add(send(b, via, to, sealed, type, line, sent)));
        }
        if (tries.isEmpty()) {
            sent.completeExceptionally(
                    new dev.karst.KarstException(
                            dev.karst.KarstException.Code.NO_PROVIDER,
                            "no signaling backend reaches "
                                    + (to.signaling().isEmpty()
                                            ? "the peer: its address names none"
                                            : to.signaling())));
        }
        CompletableFuture.allOf(tries.toArray(CompletableFuture[]::new))
                .whenComplete(
                        (v, e) ->
                                sent.completeExceptionally(
                                        new dev.karst.KarstException(
                                                dev.karst.KarstException.Code.UNREACHABLE,
                                                "no broker took the signal")));
        return sent;
    }

    private CompletableFuture<Void> send(
            ProviderHandle<SignalingBackend> b,
            Endpoint via,
            PeerAddress to,
            byte[] sealed,
            Type type,
            ReportBuilder.Line line,
            CompletableFuture<String> sent) {
        CoreScope scope = b.scope(LIMIT);
        return b.<Void>call("send", scope, LIMIT, (s, sc) -> s.send(to.id(), via, sealed, sc))
                .whenComplete(
                        (v, e) -> {
                            scope.cancel();
                            if (e == null) {
                                line.evidence(type + " sent by " + via);
                                sent.complete(via.toString());
                            } else {
                                line.evidence(
                                        type + " not sent by " + via + ": " + Detached.text(e));
                            }
                        });
    }

    /** The backend that is connected there, or else one that says it can reach it. */
    private Optional<ProviderHandle<SignalingBackend>> backendFor(Endpoint via) {
        ProviderHandle<SignalingBackend> other = null;
        for (ProviderHandle<SignalingBackend> b : registry.usable(SignalingBackend.class)) {
            boolean there;
            synchronized (this) {
                there = reachable.getOrDefault(b, List.of()).contains(via);
            }
            if (there) {
                return Optional.of(b);
            }
            if (other == null && reaches(b, via)) {
                other = b;
            }
        }
        return Optional.ofNullable(other);
    }

    private static boolean reaches(ProviderHandle<SignalingBackend> b, Endpoint via) {
        try {
            return b.service().reaches(via);
        } catch (Throwable e) {
            if (!b.isGone()) {
                b.crashed("reaches", e);
            }
            return false;
        }
    }
}
