// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Subscription;
import dev.karst.lib.portmap.Epoch;
import dev.karst.lib.portmap.Exchange;
import dev.karst.lib.portmap.GatewayAddress;
import dev.karst.lib.portmap.GatewayWatch;
import dev.karst.lib.portmap.Patience;
import dev.karst.lib.portmap.Tuning;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Ports by NAT-PMP, RFC 6886. Keeps no state. */
@Component(
        name = "dev.karst.portmap.natpmp",
        service = PortMapper.class,
        property = "karst.name=natpmp")
public final class NatPmpMapper implements PortMapper {
    private static final long MOST_SECONDS = Duration.ofDays(1).toSeconds();
    private static final String LOCAL = "local";
    private static final String INTERFACE = "interface";

    private final Tuning tuning;

    @Activate
    public NatPmpMapper() {
        this(Tuning.STANDARD);
    }

    NatPmpMapper(Tuning tuning) {
        this.tuning = tuning;
    }

    @Override
    public CompletionStage<List<PortGateway>> probe(Network.Gateway route, Scope scope) {
        if (!(route.local() instanceof Inet4Address)) {
            return fail(Code.INCOMPATIBLE, "NAT-PMP opens no IPv6 ports");
        }
        if (route.router().isEmpty()) {
            return fail(Code.NOT_FOUND, "the router behind " + route.name() + " is not known");
        }
        InetAddress router = route.router().get();
        String text = GatewayAddress.text(router, route.name());
        Map<String, String> state =
                Map.of(
                        GatewayAddress.KEY,
                        text,
                        INTERFACE,
                        route.name(),
                        LOCAL,
                        route.local().getHostAddress());
        return ask(scope, route.local(), router, Request.address(), Patience.PROBE)
                .thenApply(a -> List.of(new PortGateway(text, a.address(), state)));
    }

    @Override
    public CompletionStage<PortLease> acquire(
            PortRequest request, PortGateway gateway, Scope scope) {
        return map(request, request.suggestedPort(), gateway.external(), gateway.state(), scope);
    }

    @Override
    public CompletionStage<PortLease> renew(PortLease lease, PortRequest request, Scope scope) {
        return map(request, lease.externalPort(), lease.external(), lease.state(), scope);
    }

    private CompletionStage<PortLease> map(
            PortRequest request,
            int port,
            Optional<InetAddress> external,
            Map<String, String> state,
            Scope scope) {
        InetSocketAddress internal = request.internal();
        if (request.ipv6()) {
            return fail(Code.INCOMPATIBLE, "NAT-PMP opens no IPv6 ports");
        }
        if (internal.getPort() == 0) {
            return fail(Code.CONFIGURATION, "port 0 cannot be mapped");
        }
        Request mapping =
                Request.mapping(
                        request.protocol(), internal.getPort(), port, seconds(request.lifetime()));
        return ask(scope, internal, state, mapping, Patience.WORK)
                .thenApply(a -> granted(a, state))
                .thenCompose(
                        a ->
                                external(scope, internal, state)
                                        .thenApply(
                                                e ->
                                                        lease(
                                                                request,
                                                                a,
                                                                e.or(() -> external),
                                                                state)));
    }

    /** Not part of the answer to a mapping, and good to know, but not worth to fail for. */
    private CompletionStage<Optional<InetAddress>> external(
            Scope scope, InetSocketAddress internal, Map<String, String> state) {
        return ask(scope, internal, state, Request.address(), Patience.BRIEF)
                .handle((a, e) -> e == null ? a.address() : Optional.empty());
    }

    private static Answer granted(Answer a, Map<String, String> state) {
        if (a.externalPort() == 0 || a.lifetime() == 0) {
            throw new KarstException(
                    Code.IO, state.get(GatewayAddress.KEY) + " answers, but grants nothing");
        }
        return a;
    }

    private static PortLease lease(
            PortRequest request,
            Answer a,
            Optional<InetAddress> external,
            Map<String, String> state) {
        return new PortLease(
                request.protocol(),
                request.internal(),
                a.externalPort(),
                external,
                Duration.ofSeconds(Math.min(a.lifetime(), MOST_SECONDS)),
                Map.of(
                        GatewayAddress.KEY,
                        state.get(GatewayAddress.KEY),
                        "epoch",
                        Long.toString(a.epoch())));
    }

    @Override
    public CompletionStage<Void> release(PortLease lease, Scope scope) {
        int port = lease.internal().getPort();
        if (port == 0) {
            return fail(Code.CONFIGURATION, "port 0 was never mapped");
        }
        Request end = Request.mapping(lease.protocol(), port, 0, 0);
        return ask(scope, lease.internal(), lease.state(), end, Patience.WORK).thenAccept(a -> {});
    }

    @Override
    public Subscription watch(PortGateway gateway, Runnable forgot, Scope scope) {
        CompletionStage<GatewayWatch.Watched> watched =
                GatewayAddress.of(gateway.state(), scope)
                        .thenCombine(
                                GatewayAddress.parse(
                                        gateway.state().getOrDefault(LOCAL, ""), scope),
                                (router, local) -> watched(gateway, router, local, scope));
        return GatewayWatch.begin(scope, watched, forgot);
    }

    private GatewayWatch.Watched watched(
            PortGateway gateway, InetAddress router, InetAddress local, Scope scope) {
        Reader reader = new Reader(scope, Request.address(), Exchange.text(router));
        return new GatewayWatch.Watched(
                Reader.NAME,
                router,
                gateway.state().getOrDefault(INTERFACE, ""),
                Epoch.Rule.NAT_PMP,
                reader::announcement,
                () ->
                        Exchange.ask(
                                scope,
                                question(local, router, Request.address(), Patience.PROBE),
                                reader::news),
                tuning);
    }

    private CompletionStage<Answer> ask(
            Scope scope,
            InetSocketAddress internal,
            Map<String, String> state,
            Request r,
            Patience patience) {
        return GatewayAddress.of(state, scope)
                .thenCompose(router -> ask(scope, internal.getAddress(), router, r, patience));
    }

    private CompletableFuture<Answer> ask(
            Scope scope, InetAddress local, InetAddress router, Request r, Patience patience) {
        return Exchange.ask(
                scope,
                question(local, router, r, patience),
                new Reader(scope, r, Exchange.text(router))::answer);
    }

    private Exchange.Ask question(
            InetAddress local, InetAddress router, Request r, Patience patience) {
        InetSocketAddress to = new InetSocketAddress(router, tuning.port());
        return new Exchange.Ask(Reader.NAME, local, to, r.bytes(), patience);
    }

    /** 0 would end the mapping; two hours are what RFC 6886 section 3.3 recommends. */
    private static long seconds(Duration lifetime) {
        long s = lifetime.toSeconds();
        return s <= 0 ? 7200 : Math.min(s, MOST_SECONDS);
    }

    private static <T> CompletionStage<T> fail(Code code, String why) {
        return CompletableFuture.failedStage(new KarstException(code, why));
    }
}
