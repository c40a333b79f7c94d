// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

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
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Ports and pinholes by PCP, RFC 6887. */
@Component(name = "dev.karst.portmap.pcp", service = PortMapper.class, property = "karst.name=pcp")
public final class PcpMapper implements PortMapper {
    private static final String NONCE = "nonce";

    /** RFC 6887 section 7.2: a longer lifetime is not to be believed. */
    private static final long MOST_SECONDS = Duration.ofDays(1).toSeconds();

    private final Tuning tuning;
    private final Anycast anycast;
    private final Refusals refusals = new Refusals();

    @Activate
    public PcpMapper() {
        this(Tuning.STANDARD, Anycast.STANDARD);
    }

    PcpMapper(Tuning tuning, Anycast anycast) {
        this.tuning = tuning;
        this.anycast = anycast;
    }

    @Override
    public CompletionStage<List<PortGateway>> probe(Network.Gateway route, Scope scope) {
        return new Probe(route, scope, tuning, anycast).begin();
    }

    @Override
    public CompletionStage<PortLease> acquire(
            PortRequest request, PortGateway gateway, Scope scope) {
        InetAddress any = gateway.external().orElse(Wire.any(request.ipv6()));
        MapFields map =
                fields(
                        Nonce.random(scope.secureRandom()),
                        request.protocol(),
                        request.internal(),
                        request.suggestedPort(),
                        any);
        return map(request, map, gateway.state(), scope);
    }

    @Override
    public CompletionStage<PortLease> renew(PortLease lease, PortRequest request, Scope scope) {
        Optional<Nonce> nonce = nonce(lease);
        if (nonce.isEmpty()) {
            return fail(Code.CONFIGURATION, "the lease has no nonce: acquire a new one");
        }
        InetAddress external = lease.external().orElse(Wire.any(request.ipv6()));
        MapFields map =
                fields(
                        nonce.get(),
                        request.protocol(),
                        request.internal(),
                        lease.externalPort(),
                        external);
        return map(request, map, lease.state(), scope);
    }

    private CompletionStage<PortLease> map(
            PortRequest request, MapFields map, Map<String, String> state, Scope scope) {
        if (map.internalPort() == 0) { // would be all ports of this host
            return fail(Code.CONFIGURATION, "port 0 cannot be mapped");
        }
        String key =
                state.get(GatewayAddress.KEY) + " " + request.protocol() + " " + request.internal();
        Optional<KarstException> refused = refusals.now(key, scope.nanoTime());
        if (refused.isPresent()) {
            return CompletableFuture.failedStage(refused.get());
        }
        return ask(scope, request.internal(), state, map, seconds(request.lifetime()))
                .thenApply(
                        m -> {
                            String who = state.get(GatewayAddress.KEY);
                            if (m.result() != Result.SUCCESS) {
                                KarstException e = Result.of(m, who);
                                refusals.add(key, e, Result.seconds(m), scope.nanoTime());
                                throw e;
                            }
                            return lease(request, map, m, state);
                        });
    }

    private static PortLease lease(
            PortRequest request, MapFields map, Message m, Map<String, String> state) {
        String who = state.get(GatewayAddress.KEY);
        MapFields given = m.map().orElse(map);
        if (given.externalPort() == 0 || m.lifetime() == 0) {
            throw new KarstException(Code.IO, who + " answers, but grants nothing");
        }
        InetAddress external = given.external();
        return new PortLease(
                request.protocol(),
                request.internal(),
                given.externalPort(),
                external.isAnyLocalAddress() ? Optional.empty() : Optional.of(external),
                Duration.ofSeconds(Math.min(m.lifetime(), MOST_SECONDS)),
                Map.of(
                        GatewayAddress.KEY,
                        who,
                        NONCE,
                        map.nonce().hex(),
                        "epoch",
                        Long.toString(m.epoch())));
    }

    @Override
    public CompletionStage<Void> release(PortLease lease, Scope scope) {
        Optional<Nonce> nonce = nonce(lease);
        if (nonce.isEmpty() || lease.internal().getPort() == 0) {
            return fail(Code.CONFIGURATION, "no lease of PCP: it has no nonce or no port");
        }
        return end(lease, nonce.get(), 0, scope)
                .thenCompose(
                        m ->
                                m.result() == Result.NOT_AUTHORIZED && pinhole(lease)
                                        ? end(lease, nonce.get(), 1, scope)
                                        : CompletableFuture.completedFuture(m))
                .thenAccept(
                        m -> {
                            if (!gone(m.result())) {
                                throw Result.of(m, lease.state().get(GatewayAddress.KEY));
                            }
                        });
    }

    /**
     * Ends a mapping, or shortens it to as little as the gateway grants, which is two minutes as a
     * rule. The latter is for miniupnpd, up to 2.3.1 at least: it forgets whose a pinhole is when
     * that is renewed, but would still renew it.
     */
    private CompletionStage<Message> end(PortLease lease, Nonce nonce, long seconds, Scope scope) {
        int port = seconds == 0 ? 0 : lease.externalPort();
        InetAddress any = Wire.any(pinhole(lease));
        MapFields end = fields(nonce, lease.protocol(), lease.internal(), port, any);
        return ask(scope, lease.internal(), lease.state(), end, seconds);
    }

    private static boolean pinhole(PortLease lease) {
        return lease.internal().getAddress() instanceof Inet6Address;
    }

    /** To end a mapping takes no resources: miniupnpd says so where there is none. */
    private static boolean gone(int result) {
        return result == Result.SUCCESS || result == Result.NO_RESOURCES;
    }

    private CompletionStage<Message> ask(
            Scope scope,
            InetSocketAddress internal,
            Map<String, String> state,
            MapFields map,
            long seconds) {
        InetAddress local = internal.getAddress();
        Message request = Message.map(local, map, seconds, List.of());
        return GatewayAddress.of(state, scope)
                .thenCompose(
                        server -> {
                            if (server.getAddress().length != local.getAddress().length) {
                                return fail(
                                        Code.CONFIGURATION,
                                        Exchange.text(server)
                                                + " is no gateway for "
                                                + Exchange.text(local));
                            }
                            return Exchange.ask(
                                    scope,
                                    question(local, server, request, Patience.WORK),
                                    new Reader(scope, request, Exchange.text(server))::answer);
                        });
    }

    private Exchange.Ask question(
            InetAddress local, InetAddress server, Message request, Patience patience) {
        InetSocketAddress to = new InetSocketAddress(server, tuning.port());
        return new Exchange.Ask(Reader.NAME, local, to, request.encode(), patience);
    }

    @Override
    public Subscription watch(PortGateway gateway, Runnable forgot, Scope scope) {
        CompletionStage<GatewayWatch.Watched> watched =
                GatewayAddress.of(gateway.state(), scope)
                        .thenCombine(
                                GatewayAddress.parse(
                                        gateway.state().getOrDefault(Probe.LOCAL, ""), scope),
                                (server, local) -> watched(gateway, server, local, scope));
        return GatewayWatch.begin(scope, watched, forgot);
    }

    private GatewayWatch.Watched watched(
            PortGateway gateway, InetAddress server, InetAddress local, Scope scope) {
        Message announce = Message.announce(local);
        Reader reader = new Reader(scope, announce, Exchange.text(server));
        return new GatewayWatch.Watched(
                Reader.NAME,
                server,
                gateway.state().getOrDefault(Probe.INTERFACE, ""),
                Epoch.Rule.PCP,
                reader::announcement,
                () ->
                        Exchange.ask(
                                scope,
                                question(local, server, announce, Patience.PROBE),
                                reader::news),
                tuning);
    }

    private static MapFields fields(
            Nonce nonce,
            PortRequest.Protocol protocol,
            InetSocketAddress internal,
            int port,
            InetAddress external) {
        int number = protocol == PortRequest.Protocol.TCP ? MapFields.TCP : MapFields.UDP;
        // a pinhole translates nothing; miniupnpd would promise another port all the same
        int outside = port != 0 && external instanceof Inet6Address ? internal.getPort() : port;
        return new MapFields(nonce, number, internal.getPort(), outside, external);
    }

    private static Optional<Nonce> nonce(PortLease lease) {
        try {
            return Optional.of(new Nonce(lease.state().getOrDefault(NONCE, "")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** 0 would end the mapping. */
    private static long seconds(Duration lifetime) {
        long s = lifetime.toSeconds();
        return s <= 0 ? 7200 : Math.min(s, MOST_SECONDS);
    }

    static KarstException cause(Throwable e) {
        Throwable t = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        return t instanceof KarstException k
                ? k
                : new KarstException(Code.IO, String.valueOf(t.getMessage()), t);
    }

    private static <T> CompletableFuture<T> fail(Code code, String why) {
        return CompletableFuture.failedFuture(new KarstException(code, why));
    }
}
