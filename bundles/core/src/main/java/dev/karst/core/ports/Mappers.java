// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.registry.Detached;
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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Calls to port mappers: each in a scope of its own with a deadline, all results on the keeper's
 * lane. Remembers which routers answered, so that the next port needs no second search.
 */
final class Mappers {
    static final String KIND = "portmap";

    private static final Duration PROBE = Duration.ofSeconds(4);
    private static final Duration CALL = Duration.ofSeconds(8);
    private static final Duration RELEASE = Duration.ofSeconds(2);

    /** No lease is believed to last longer: what a router says may be absurd. */
    static final Duration LONGEST = Duration.ofDays(30);

    private record Known(ProviderHandle<PortMapper> by, Gateway route) {}

    private record Watched(ProviderHandle<PortMapper> by, PortGateway gateway) {}

    private final World world;
    private final ProviderRegistry registry;
    private final Supplier<PortSettings> settings;
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
            Supplier<PortSettings> settings,
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
            if (settings.get().allows(h.ref().name()) && !but.contains(h.ref().name())) {
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

    /** The same, or one that is being drained: to renew or close what it opened. */
    @SuppressWarnings("unchecked")
    Optional<ProviderHandle<PortMapper>> speaking(String protocol) {
        Optional<ProviderHandle<PortMapper>> usable = named(protocol);
        return usable.isPresent()
                ? usable
                : registry.all().stream()
                        .filter(h -> h.ref().kind().equals(KIND))
                        .filter(h -> h.ref().name().equals(protocol))
                        .filter(h -> h.state() == ProviderHandle.State.DRAINING)
                        .map(h -> (ProviderHandle<PortMapper>) h)
                        .findFirst();
    }

    /** A lease just granted, if it is one; fails where the answer is nonsense. */
    private Held held(String by, String gateway, PortRequest request, PortLease l) {
        if (l == null
                || l.protocol() != request.protocol()
                || !request.internal().equals(l.internal())
                || l.external() == null
                || l.lifetime() == null
                || l.lifetime().isNegative()) {
            throw new KarstException(Code.IO, by + " gave no lease that makes sense");
        }
        boolean absurd = l.lifetime().compareTo(LONGEST) > 0;
        PortLease lease =
                !absurd
                        ? l
                        : new PortLease(
                                l.protocol(),
                                l.internal(),
                                l.externalPort(),
                                l.external(),
                                LONGEST,
                                l.state());
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
        ended(
                        scope,
                        by.<List<PortGateway>>call(
                                "probe", scope, PROBE, (m, s) -> m.probe(route, s)),
                        found -> answered(by, found))
                .whenComplete(
                        (found, e) -> {
                            if (e == null) {
                                watch(by, found.get(0));
                                result.complete(found);
                            } else {
                                probes.remove(key, result);
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private static List<PortGateway> answered(
            ProviderHandle<PortMapper> by, List<PortGateway> found) {
        if (found == null || found.isEmpty()) {
            throw new KarstException(Code.UNREACHABLE, "no router answers");
        }
        List<PortGateway> out = new ArrayList<>();
        for (PortGateway g : found) {
            if (g == null || g.name() == null) {
                throw new KarstException(Code.IO, by.ref() + " found a router without name");
            }
            out.add(g);
        }
        return List.copyOf(out);
    }

    private void watch(ProviderHandle<PortMapper> by, PortGateway gateway) {
        Watched key = new Watched(by, gateway);
        CoreScope known = watches.get(key);
        if (known != null && !known.cancelled() || by.isGone()) {
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

    CompletableFuture<Held> acquire(
            ProviderHandle<PortMapper> by, PortRequest request, PortGateway gateway) {
        CoreScope scope = by.scope(CALL);
        return ended(
                scope,
                by.<PortLease>call(
                        "acquire", scope, CALL, (m, s) -> m.acquire(request, gateway, s)),
                lease -> held(by.ref().name(), gateway.name(), request, lease));
    }

    CompletableFuture<Held> renew(ProviderHandle<PortMapper> by, Held old, PortRequest request) {
        CoreScope scope = by.scope(CALL);
        return ended(
                scope,
                by.<PortLease>call(
                        "renew", scope, CALL, (m, s) -> m.renew(old.lease(), request, s)),
                lease -> held(old.by(), old.gateway(), request, lease));
    }

    CompletableFuture<Void> release(ProviderHandle<PortMapper> by, PortLease lease) {
        CoreScope scope = by.scope(RELEASE);
        return ended(
                scope,
                by.<Void>call("release", scope, RELEASE, (m, s) -> m.release(lease, s)),
                v -> v);
    }

    /** Ends the scope with the call, and goes on with what it means on the lane. */
    private <T, R> CompletableFuture<R> ended(
            CoreScope scope, CompletableFuture<T> call, Function<T, R> meaning) {
        CompletableFuture<R> result = new CompletableFuture<>();
        call.whenComplete((v, e) -> lane.execute(() -> end(scope, v, e, meaning, result)));
        return result;
    }

    private static <T, R> void end(
            CoreScope scope,
            T value,
            Throwable e,
            Function<T, R> meaning,
            CompletableFuture<R> result) {
        scope.cancel();
        R r = null;
        Throwable why = e;
        if (why == null) {
            try {
                r = meaning.apply(value);
            } catch (Throwable t) { // what a provider answered need not make sense
                why = Detached.of(t);
            }
        }
        if (why == null) {
            result.complete(r);
        } else {
            result.completeExceptionally(why);
        }
    }
}
