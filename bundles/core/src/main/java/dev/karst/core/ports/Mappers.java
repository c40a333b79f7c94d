// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Calls to port mappers: each in a scope of its own with a deadline, all results on the keeper's
 * lane. Remembers which routers answered, so that the next port needs no second search.
 */
final class Mappers {
    static final String KIND = "portmap";

    private static final Duration PROBE = Duration.ofSeconds(4);
    private static final Duration CALL = Duration.ofSeconds(8);
    private static final Duration RELEASE = Duration.ofSeconds(2);

    private record Known(ProviderHandle<PortMapper> by, Gateway route) {}

    private record Watched(ProviderHandle<PortMapper> by, PortGateway gateway) {}

    private final World world;
    private final ProviderRegistry registry;
    private final PortSettings settings;
    private final Executor lane;
    private final Consumer<String> forgot;
    private final Map<Known, CompletableFuture<List<PortGateway>>> probes = new HashMap<>();
    private final Map<Watched, CoreScope> watches = new HashMap<>();

    /**
     * @param forgot told, on the lane, the protocol by which a router said that it lost its
     *     mappings
     */
    Mappers(
            World world,
            ProviderRegistry registry,
            PortSettings settings,
            Executor lane,
            Consumer<String> forgot) {
        this.world = world;
        this.registry = registry;
        this.settings = settings;
        this.lane = lane;
        this.forgot = forgot;
    }

    /** Who may be asked now, but for those protocols. */
    List<ProviderHandle<PortMapper>> usable(Set<String> but) {
        List<ProviderHandle<PortMapper>> out = new ArrayList<>();
        for (ProviderHandle<PortMapper> h : registry.usable(PortMapper.class)) {
            if (settings.allows(h.ref().name()) && !but.contains(h.ref().name())) {
                out.add(h);
            }
        }
        return out;
    }

    /** The newest of that protocol, whatever the settings: what was opened must be closed. */
    Optional<ProviderHandle<PortMapper>> named(String protocol) {
        return registry.usable(PortMapper.class).stream()
                .filter(h -> h.ref().name().equals(protocol))
                .findFirst();
    }

    /** The same, or one that is being drained: to close what it opened. */
    @SuppressWarnings("unchecked")
    Optional<ProviderHandle<PortMapper>> speaking(String protocol) {
        Optional<ProviderHandle<PortMapper>> usable = named(protocol);
        return usable.isPresent()
                ? usable
                : registry.all().stream()
                        .filter(h -> h.ref().kind().equals(KIND))
                        .filter(h -> h.ref().name().equals(protocol) && !h.isGone())
                        .map(h -> (ProviderHandle<PortMapper>) h)
                        .findFirst();
    }

    /** A lease just granted. */
    Held held(String by, String gateway, PortLease lease) {
        Instant until =
                lease.lifetime().isZero()
                        ? Instant.MAX
                        : world.clock().instant().plus(lease.lifetime());
        return new Held(by, gateway, lease, until);
    }

    /** A router refused, or does not answer any more: next time it is looked for anew. */
    void stale(String protocol) {
        probes.keySet().removeIf(k -> k.by.ref().name().equals(protocol));
    }

    /** Who left took its routers with it. */
    void changed() {
        probes.keySet().removeIf(k -> !k.by.usable());
        watches.entrySet().removeIf(e -> e.getKey().by.isGone() || e.getValue().cancelled());
    }

    /** Forgets which routers there are: the network is another, or they do not answer any more. */
    void forget() {
        probes.clear();
        watches.values().forEach(CoreScope::cancel);
        watches.clear();
    }

    CompletableFuture<List<PortGateway>> probe(ProviderHandle<PortMapper> by, Gateway route) {
        Known key = new Known(by, route);
        CompletableFuture<List<PortGateway>> known = probes.get(key);
        if (known != null) {
            return known;
        }
        CompletableFuture<List<PortGateway>> result = new CompletableFuture<>();
        probes.put(key, result);
        CoreScope scope = by.scope(PROBE);
        by.<List<PortGateway>>call("probe", scope, PROBE, (m, s) -> m.probe(route, s))
                .whenComplete(
                        (found, e) ->
                                lane.execute(
                                        () -> {
                                            scope.cancel();
                                            if (e == null && found != null && !found.isEmpty()) {
                                                watch(by, found.get(0));
                                                result.complete(List.copyOf(found));
                                                return;
                                            }
                                            probes.remove(key, result);
                                            result.completeExceptionally(
                                                    e != null
                                                            ? e
                                                            : new KarstException(
                                                                    Code.UNREACHABLE,
                                                                    "no router answers"));
                                        }));
        return result;
    }

    private void watch(ProviderHandle<PortMapper> by, PortGateway gateway) {
        Watched key = new Watched(by, gateway);
        if (watches.containsKey(key) || by.isGone()) {
            return;
        }
        CoreScope scope = by.scope(null);
        watches.put(key, scope);
        String protocol = by.ref().name();
        by.<Object>call(
                "watch",
                scope,
                CALL,
                (m, s) -> {
                    m.watch(
                            gateway,
                            () -> {
                                if (!scope.cancelled()) {
                                    lane.execute(() -> forgot.accept(protocol));
                                }
                            },
                            s);
                    return CompletableFuture.completedFuture(null);
                });
    }

    CompletableFuture<PortLease> acquire(
            ProviderHandle<PortMapper> by, PortRequest request, PortGateway gateway) {
        CoreScope scope = by.scope(CALL);
        return ended(
                scope,
                by.<PortLease>call(
                        "acquire", scope, CALL, (m, s) -> m.acquire(request, gateway, s)));
    }

    CompletableFuture<PortLease> renew(
            ProviderHandle<PortMapper> by, PortLease lease, PortRequest request) {
        CoreScope scope = by.scope(CALL);
        return ended(
                scope,
                by.<PortLease>call("renew", scope, CALL, (m, s) -> m.renew(lease, request, s)));
    }

    CompletableFuture<Void> release(ProviderHandle<PortMapper> by, PortLease lease) {
        CoreScope scope = by.scope(RELEASE);
        return ended(
                scope, by.<Void>call("release", scope, RELEASE, (m, s) -> m.release(lease, s)));
    }

    /** Ends the scope with the call, and goes on with the result on the lane. */
    private <T> CompletableFuture<T> ended(CoreScope scope, CompletableFuture<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        call.whenComplete(
                (v, e) ->
                        lane.execute(
                                () -> {
                                    scope.cancel();
                                    if (e == null) {
                                        result.complete(v);
                                    } else {
                                        result.completeExceptionally(e);
                                    }
                                }));
        return result;
    }
}
