// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The addresses at relays: one for each family, reserved when somebody needs it, shared by all
 * attempts and paths, and given back when nobody used it for a while. Thread-safe.
 */
public final class RelayHub {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(30);

    /** A reservation, its socket shared as any other. */
    public static final class Relayed {
        private final SharedSocket shared;
        private final RelaySocket socket;
        private final CoreScope scope;
        private boolean idle; // it was when looked at last

        private Relayed(RelaySocket socket, CoreScope scope, Counters counters) {
            this.socket = socket;
            this.scope = scope;
            this.shared = new SharedSocket(socket, counters);
            scope.onCancel(shared::closed); // its provider leaves
        }

        public SharedSocket shared() {
            return shared;
        }

        public InetSocketAddress server() {
            return socket.server();
        }

        public CompletionStage<Void> permit(InetAddress peer) {
            return socket.permit(peer);
        }
    }

    private final World world;
    private final ProviderRegistry registry;
    private final Counters counters;
    private final Map<Family, CompletableFuture<Relayed>> reserved = new EnumMap<>(Family.class);
    private boolean closed;

    public RelayHub(World world, ProviderRegistry registry, Counters counters) {
        this.world = world;
        this.registry = registry;
        this.counters = counters;
    }

    /** The reservation of that family; made if there is none. */
    public CompletableFuture<Relayed> get(Family family) {
        CompletableFuture<Relayed> result = new CompletableFuture<>();
        synchronized (this) {
            CompletableFuture<Relayed> known = reserved.get(family);
            boolean over =
                    known != null
                            && known.isDone()
                            && !known.isCompletedExceptionally()
                            && known.join().shared.isOver();
            if (known != null && !over) {
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
                        forget(family, result);
                    } else {
                        watch(family, result, r);
                    }
                });
        ask(family, registry.usable(RelayProvider.class), result, "");
        return result.copy();
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
                            if (e == null) {
                                result.complete(new Relayed(socket, scope, counters));
                                return;
                            }
                            String why = by.ref().name() + ": " + Detached.of(e).getMessage();
                            ask(
                                    family,
                                    left.subList(1, left.size()),
                                    result,
                                    refusals.isEmpty() ? why : refusals + "; " + why);
                        });
    }

    private void watch(Family family, CompletableFuture<Relayed> entry, Relayed r) {
        world.after(
                IDLE,
                () -> {
                    boolean idle = r.shared.isIdle();
                    if (r.shared.isOver()) {
                        forget(family, entry);
                    } else if (idle && r.idle) {
                        forget(family, entry);
                        r.scope.cancel();
                    } else {
                        r.idle = idle;
                        watch(family, entry, r);
                    }
                });
    }

    private synchronized void forget(Family family, CompletableFuture<Relayed> entry) {
        reserved.remove(family, entry);
    }

    public void close() {
        List<CompletableFuture<Relayed>> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(reserved.values());
            reserved.clear();
        }
        for (CompletableFuture<Relayed> f : all) {
            f.thenAccept(r -> r.scope.cancel());
        }
    }
}
