// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Mappings and pinholes by UPnP IGD:1 and IGD:2. Keeps no state. */
@Component(
        name = "dev.karst.portmap.upnp",
        service = PortMapper.class,
        property = "karst.name=upnp")
public final class UpnpMapper implements PortMapper {
    /** A lease may take several rounds, and a search where the gateway moved. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String LATE = "the gateway is too slow";

    private final SearchPlan plan;

    @Activate
    public UpnpMapper() {
        this(SearchPlan.STANDARD);
    }

    UpnpMapper(SearchPlan plan) {
        this.plan = plan;
    }

    @Override
    public CompletionStage<List<PortGateway>> probe(Network.Gateway route, Scope scope) {
        return within(
                scope,
                () ->
                        Discovery.run(route, plan, scope)
                                .thenApply(found -> found.stream().map(Found::gateway).toList()));
    }

    @Override
    public CompletionStage<PortLease> acquire(
            PortRequest request, PortGateway gateway, Scope scope) {
        return within(scope, () -> lease(request, Control.of(gateway.state()), Map.of(), scope));
    }

    private CompletionStage<PortLease> lease(
            PortRequest request, Control control, Map<String, String> known, Scope scope) {
        boolean v6 = request.ipv6();
        if (v6 != control.kind().firewall()) {
            return CompletableFuture.failedFuture(
                    UpnpFailure.forbidden(
                            v6
                                    ? "this gateway maps IPv4 ports, and opens no IPv6 pinholes"
                                    : "this gateway opens IPv6 pinholes, and maps no IPv4 ports"));
        }
        return v6
                ? Pinhole.acquire(request, control, scope)
                : Mapping.acquire(request, control, known.containsKey(Mapping.PERMANENT), scope);
    }

    @Override
    public CompletionStage<PortLease> renew(PortLease lease, PortRequest request, Scope scope) {
        PortRequest same =
                new PortRequest(
                        request.protocol(),
                        request.internal(),
                        lease.externalPort(),
                        request.lifetime());
        return within(
                scope,
                () ->
                        found(
                                lease,
                                scope,
                                control ->
                                        control.kind().firewall() && same.ipv6()
                                                ? Pinhole.renew(lease, same, control, scope)
                                                : lease(same, control, lease.state(), scope)));
    }

    @Override
    public CompletionStage<Void> release(PortLease lease, Scope scope) {
        return within(
                scope,
                () ->
                        found(
                                lease,
                                scope,
                                control ->
                                        control.kind().firewall()
                                                ? Pinhole.release(lease, control, scope)
                                                : Mapping.release(lease, control, scope)));
    }

    @Override
    public Subscription watch(PortGateway gateway, Runnable forgot, Scope scope) {
        try {
            return Watch.open(Control.of(gateway.state()), plan, forgot, scope);
        } catch (UpnpFailure e) {
            throw e.told();
        }
    }

    /**
     * Many routers control at another port or path after a restart: where nothing answers at the
     * known one, the gateway is searched for once.
     */
    private <T> CompletionStage<T> found(
            PortLease lease, Scope scope, Function<Control, CompletionStage<T>> work) {
        Control known = Control.of(lease.state());
        return work.apply(known)
                .exceptionallyCompose(
                        e ->
                                UpnpFailure.of(e).gone()
                                        ? moved(known, lease.internal().getAddress(), e, scope)
                                                .thenCompose(work)
                                        : CompletableFuture.failedFuture(e));
    }

    private CompletionStage<Control> moved(
            Control known, InetAddress local, Throwable why, Scope scope) {
        Network.Gateway route =
                new Network.Gateway(known.interfaceName(), local, Optional.of(known.gateway()));
        return Discovery.run(route, plan, scope)
                .thenApply(
                        found ->
                                found.stream()
                                        .map(Found::control)
                                        .filter(c -> Literals.same(c.gateway(), known.gateway()))
                                        .filter(c -> c.kind().firewall() == known.kind().firewall())
                                        .findFirst()
                                        .orElseThrow(() -> UpnpFailure.of(why)));
    }

    /** Work that ends with the scope, and whose failures are told as the core knows them. */
    private static <T> CompletionStage<T> within(Scope scope, Supplier<CompletionStage<T>> work) {
        CompletableFuture<T> result = Pending.in(scope, LIMIT, LATE);
        try {
            Pending.forward(work.get(), result);
        } catch (UpnpFailure e) {
            result.completeExceptionally(e);
        }
        return Pending.told(result);
    }
}
