// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A router with a table of mappings, and mappers that speak to it. */
final class FakeRouter {
    final Map<InetSocketAddress, String> table = new ConcurrentHashMap<>();
    final List<String> log = new CopyOnWriteArrayList<>();
    final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final AtomicInteger nonces = new AtomicInteger();
    volatile Duration lifetime = Duration.ofHours(1);
    volatile InetAddress external = address("203.0.113.9");
    volatile boolean refuses;

    /** Has one row for an internal port, whatever is suggested. */
    volatile boolean stubborn;

    volatile boolean silent;

    /** What releases and renewals wait for. */
    volatile CompletableFuture<Void> releaseGate = CompletableFuture.completedFuture(null);

    volatile CompletableFuture<Void> acquireGate = CompletableFuture.completedFuture(null);
    volatile CompletableFuture<Void> renewGate = CompletableFuture.completedFuture(null);
    volatile boolean refusesRelease;
    volatile boolean refusesRenewal;
    volatile boolean answersNull;
    volatile boolean throwsAtAll;
    volatile boolean nullLease;

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    PortMapper mapper(String name) {
        return new Mapper(name);
    }

    private final class Mapper implements PortMapper {
        private final String name;

        Mapper(String name) {
            this.name = name;
        }

        private <T> CompletionStage<T> answer(T value) {
            if (silent) {
                return new CompletableFuture<>();
            }
            return refuses
                    ? CompletableFuture.failedFuture(
                            new KarstException(Code.UNREACHABLE, name + " says no"))
                    : CompletableFuture.completedFuture(value);
        }

        @Override
        public CompletionStage<List<PortGateway>> probe(Network.Gateway route, Scope scope) {
            log.add("probe " + name);
            if (answersNull) {
                return answer(java.util.Arrays.asList((PortGateway) null));
            }
            return answer(
                    List.of(new PortGateway("router", Optional.of(external), Map.of("by", name))));
        }

        private PortLease lease(PortRequest r, String nonce) {
            if (throwsAtAll) {
                throw new IllegalStateException("a bug");
            }
            if (nullLease) {
                return null;
            }
            table.put(r.internal(), name + nonce);
            return new PortLease(
                    r.protocol(),
                    r.internal(),
                    stubborn ? r.internal().getPort() : r.suggestedPort(),
                    Optional.of(external),
                    lifetime,
                    Map.of("nonce", nonce));
        }

        @Override
        public CompletionStage<PortLease> acquire(PortRequest r, PortGateway gateway, Scope scope) {
            log.add("acquire " + name);
            return refuses || silent
                    ? answer(null)
                    : acquireGate.thenCompose(v -> answer(lease(r, "" + nonces.incrementAndGet())));
        }

        @Override
        public CompletionStage<PortLease> renew(PortLease lease, PortRequest r, Scope scope) {
            log.add("renew " + name + " " + lease.state().get("nonce"));
            if (refusesRenewal) {
                return CompletableFuture.failedFuture(
                        new KarstException(Code.UNREACHABLE, name + " does not renew"));
            }
            return refuses || silent
                    ? answer(null)
                    : renewGate.thenCompose(v -> answer(lease(r, lease.state().get("nonce"))));
        }

        @Override
        public CompletionStage<Void> release(PortLease lease, Scope scope) {
            log.add("release " + name + " " + lease.state().get("nonce"));
            if (refusesRelease) {
                return CompletableFuture.failedFuture(
                        new KarstException(Code.UNREACHABLE, name + " keeps it"));
            }
            return releaseGate.thenAccept(
                    v -> table.remove(lease.internal(), name + lease.state().get("nonce")));
        }

        @Override
        public Subscription watch(PortGateway gateway, Runnable forgot, Scope scope) {
            watchers.add(forgot);
            return () -> watchers.remove(forgot);
        }
    }
}
