// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.itests.sim.nat.NatBox;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPacket;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Opens ports of the simulated router without any protocol; each answer takes a moment. */
final class SimMapper implements PortMapper {
    private static final Duration TAKES = Duration.ofMillis(5);
    private final NatHome home;

    SimMapper(NatHome home) {
        this.home = home;
    }

    private static <T> CompletionStage<T> soon(Scope scope, Supplier<T> answer) {
        CompletableFuture<T> f = new CompletableFuture<>();
        scope.after(
                TAKES,
                () -> {
                    try {
                        f.complete(answer.get());
                    } catch (KarstException e) {
                        f.completeExceptionally(e);
                    }
                });
        scope.onCancel(() -> f.cancel(false));
        return f;
    }

    @Override
    public CompletionStage<List<PortGateway>> probe(Network.Gateway route, Scope scope) {
        return soon(
                scope,
                () ->
                        List.of(
                                new PortGateway(
                                        "simulated", Optional.of(home.nat().address()), Map.of())));
    }

    @Override
    public CompletionStage<PortLease> acquire(
            PortRequest request, PortGateway gateway, Scope scope) {
        return soon(scope, () -> open(request, request.suggestedPort(), scope));
    }

    private PortLease open(PortRequest request, int port, Scope scope) {
        NatBox box = home.nat().box();
        InetSocketAddress at =
                box.expose(scope.nanoTime(), kind(request.protocol()), request.internal(), port)
                        .orElseThrow(() -> new KarstException(Code.LIMIT, "port is taken"));
        return new PortLease(
                request.protocol(),
                request.internal(),
                at.getPort(),
                Optional.of(at.getAddress()),
                request.lifetime(),
                Map.of());
    }

    private static NatPacket.Protocol kind(PortRequest.Protocol p) {
        return p == PortRequest.Protocol.TCP ? NatPacket.Protocol.TCP : NatPacket.Protocol.UDP;
    }

    @Override
    public CompletionStage<PortLease> renew(PortLease lease, PortRequest request, Scope scope) {
        return soon(scope, () -> open(request, lease.externalPort(), scope));
    }

    @Override
    public CompletionStage<Void> release(PortLease lease, Scope scope) {
        return soon(
                scope,
                () -> {
                    home.nat()
                            .box()
                            .withdraw(
                                    kind(lease.protocol()),
                                    new InetSocketAddress(
                                            lease.external().orElseThrow(), lease.externalPort()));
                    return null;
                });
    }
}
