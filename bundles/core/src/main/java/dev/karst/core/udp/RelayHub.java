// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.relay.RelayProvider.Family;
import dev.karst.spi.relay.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The addresses at relays: one for each family, reserved when somebody needs it, shared by all
 * attempts and paths, and given back when nobody used it for a while. Thread-safe.
 */
public final class RelayHub {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(30);

    /**
     * What nobody used for longer is not handed out: nobody would have noticed that the relay was
     * restarted, and an attempt that begins with a dead address is lost.
     */
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    /** A reservation, its socket shared as any other. */
    public static final class Relayed {
        private final SharedSocket shared;
        private final RelaySocket socket;
        private final ProviderHandle<RelayProvider> by;
        private final CoreScope scope;
        private boolean idle; // it was when looked at last
        private long given; // handed out last; guarded by the hub

        private Relayed(
                RelaySocket socket,
                ProviderHandle<RelayProvider> by,
                CoreScope scope,
                SharedSocket shared) {
            this.socket = socket;
            this.by = by;
            this.scope = scope;
            this.shared = shared;
            scope.onCancel(shared::closed); // its provider leaves
        }

        public SharedSocket shared() {
            return shared;
        }

        public InetSocketAddress server() {
            return socket.server();
        }

        public ProviderHandle<RelayProvider> by() {
            return by;
        }

        public CompletionStage<Void> permit(InetAddress peer) {
            return socket.permit(peer);
        }
    }

    private final World world;
    private final ProviderRegistry registry;
    private final Consent consent;
    private final Counters counters;
    private final Map<Family, CompletableFuture<Relayed>> reserved = new EnumMap<>(Family.class);
    private final Set<Relayed> all = new LinkedHashSet<>(); // guarded by this
    private boolean closed;

    public RelayHub(World world, ProviderRegistry registry, Consent consent, Counters counters) {
        this.world = world;
        this.registry = registry;
        this.consent = consent;
        this.counters = counters;
    }

    /** The reservation of that family; made if there is none. */
    public CompletableFuture<Relayed> get(Family family) {
        CompletableFuture<Relayed> result = new CompletableFuture<>();
        synchronized (this) {
            CompletableFuture<Relayed> known = reserved.get(family);
            boolean over = known != null && done(known).filter(r -> !good(r)).isPresent();
            if (known != null && !over) {
                done(known).ifPresent(r -> r.given = world.nanoTime());
                return known.copy();
            }
            if (closed) {
                return CompletableFuture.failedFuture(
                        new KarstException(Code.CLOSED, "the node stops"));
            }
            reserved.put(family, result);
        }
        result.whenComplete(
                (r, e) -> {
                    if (e != null) {
                        forget(family, result, null);
                    } else {
                        synchronized (this) {
                            all.add(r);
                        }
                        watch(family, result, r);
                    }
                });
        ask(family, registry.usable(RelayProvider.class), result, "");
        return result.copy();
    }

    private static Optional<Relayed> done(CompletableFuture<Relayed> f) {
        return f.isDone() && !f.isCompletedExceptionally()
                ? Optional.of(f.join())
                : Optional.empty();
    }

    /** What a provider that is being drained reserved serves those who use it, and no others. */
    private boolean good(Relayed r) {
        boolean fresh = !r.shared.isIdle() || world.nanoTime() - r.given < FRESH_NANOS;
        return fresh && !r.shared.isOver() && r.by.usable();
    }

    /** What hangs on a provider, one line each. */
    public synchronized List<String> holds(ProviderHandle<?> provider) {
        List<String> out = new ArrayList<>();
        for (Relayed r : all) {
            if (r.by == provider && !r.shared.isOver() && !r.shared.isIdle()) {
                out.add("relayed address " + r.shared.local());
            }
        }
        return out;
    }

    /** One provider after the other: each already asks all of its relays at once. */
    private void ask(
            Family family,
            List<ProviderHandle<RelayProvider>> left,
            CompletableFuture<Relayed> result,
            String refusals) {
        if (left.isEmpty()) {
            result.completeExceptionally(
                    new KarstException(
                            refusals.isEmpty() ? Code.NO_PROVIDER : Code.UNREACHABLE,
                            refusals.isEmpty()
                                    ? "no relay: install karst-relay-turn and name one"
                                    : refusals));
            return;
        }
        ProviderHandle<RelayProvider> by = left.get(0);
        CoreScope scope = by.scope(null);
        by.<RelaySocket>call("reserve", scope, LIMIT, (p, s) -> p.reserve(family, s))
                .whenComplete(
                        (socket, e) -> {
                            Throwable failure = e;
                            if (e == null) {
                                try {
                                    SharedSocket s = new SharedSocket(socket, consent, counters);
                                    Relayed r = new Relayed(socket, by, scope, s);
                                    r.given = world.nanoTime();
                                    result.complete(r);
                                    return;
                                } catch (Throwable t) { // a provider's, perhaps of one that left
                                    scope.cancel();
                                    failure = t;
                                }
                            }
                            String why = by.ref().name() + ": " + Detached.of(failure).getMessage();
                            ask(
                                    family,
                                    left.subList(1, left.size()),
                                    result,
                                    refusals.isEmpty() ? why : refusals + "; " + why);
                        });
    }

    private void watch(Family family, CompletableFuture<Relayed> entry, Relayed r) {
        Subscription timer = later(family, entry, r);
        r.scope.onCancel(
                () -> {
                    timer.close();
                    forget(family, entry, r);
                });
    }

    private Subscription later(Family family, CompletableFuture<Relayed> entry, Relayed r) {
        return world.after(
                IDLE,
                () -> {
                    boolean idle = r.shared.isIdle();
                    if (r.shared.isOver() || idle && r.idle) {
                        r.scope.cancel();
                    } else {
                        r.idle = idle;
                        watch(family, entry, r);
                    }
                });
    }

    private synchronized void forget(
            Family family, CompletableFuture<Relayed> entry, Relayed gone) {
        reserved.remove(family, entry);
        all.remove(gone);
    }

    /**
     * Relays know this node by the address that it came from: it may have another one now. Who asks
     * from now on gets a reservation of its own; the former ones end when nobody uses them.
     */
    public synchronized void networkChanged() {
        reserved.clear();
    }

    public void close() {
        List<CompletableFuture<Relayed>> making;
        List<Relayed> made;
        synchronized (this) {
            closed = true;
            making = List.copyOf(reserved.values());
            made = List.copyOf(all);
            reserved.clear();
        }
        made.forEach(r -> r.scope.cancel());
        making.forEach(f -> f.thenAccept(r -> r.scope.cancel()));
    }
}
