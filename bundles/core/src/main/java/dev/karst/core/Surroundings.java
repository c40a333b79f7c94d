// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Endpoint;
import dev.karst.NatInfo;
import dev.karst.NodeEvent;
import dev.karst.PeerAddress;
import dev.karst.core.connect.Sockets;
import dev.karst.core.nat.NatWatch;
import dev.karst.core.ports.LeaseStore;
import dev.karst.core.ports.PortKeeper;
import dev.karst.core.ports.PortSettings;
import dev.karst.core.ports.Wants;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.udp.Consent;
import dev.karst.core.udp.RelayHub;
import dev.karst.core.udp.SharedSocket;
import dev.karst.core.world.World;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.Network.InterfaceAddress;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The node's place in the network: its UDP sockets, what stands in front of them, the ports that
 * are open on the router, and relays; and from all that, where others may try to reach it.
 */
final class Surroundings implements Sockets {
    private static final Duration DOUBTS_APART = Duration.ofSeconds(20);
    private static final Duration LEAST_KEEP_ALIVE = Duration.ofSeconds(1);

    private final Counters counters;
    private final Consent consent;
    private final NatWatch nat;
    private final PortKeeper ports;
    private final RelayHub relays;
    private final World.NetworkView view;
    private final Supplier<List<Endpoint>> listening;
    private final World world;
    private final Told told;
    private long doubtedAt; // guarded by this
    private boolean doubted;

    /**
     * What others need to know at once.
     *
     * @param nat what was learnt of the NAT, when it is something else than before
     * @param moved the addresses of this machine, when they, or routes, are others
     */
    record Told(Consumer<NatInfo> nat, Consumer<Set<InetAddress>> moved) {}

    /**
     * @param listening where transports listen, with literal addresses
     */
    Surroundings(
            World world,
            ProviderRegistry registry,
            Counters counters,
            EventBus events,
            CoreConfig config,
            LeaseStore leases,
            Supplier<List<Endpoint>> listening,
            Told told) {
        this.world = world;
        this.listening = listening;
        this.told = told;
        this.view = world.openNetwork();
        this.counters = counters;
        this.consent = new Consent(world::nanoTime);
        this.relays = new RelayHub(world, registry, consent, counters);
        this.nat =
                new NatWatch(
                        world,
                        registry,
                        consent,
                        counters,
                        config.udpPort(),
                        told.nat(),
                        this::changed);
        this.ports =
                new PortKeeper(
                        world,
                        registry,
                        config.ports(),
                        leases,
                        nat::profile,
                        p -> events.publish(new NodeEvent.PortChanged(p)));
    }

    /** From now on sockets are open and changes of the network are followed. */
    void start() {
        nat.start();
        view.network()
                .onChange(
                        () -> {
                            ports.networkChanged();
                            relays.networkChanged();
                            changed();
                            told.moved()
                                    .accept(
                                            view.network().interfaces().stream()
                                                    .map(InterfaceAddress::address)
                                                    .collect(Collectors.toSet()));
                        });
    }

    /** Looks at the NAT again; not often, whoever doubts. */
    void doubt() {
        synchronized (this) {
            long now = world.nanoTime();
            if (doubted && now - doubtedAt < DOUBTS_APART.toNanos()) {
                return;
            }
            doubted = true;
            doubtedAt = now;
        }
        nat.again();
    }

    /** What may be opened on routers from now on. */
    void settings(PortSettings next) {
        ports.settings(next);
        changed();
    }

    /** Where we listen, or by which address we leave, may be another place now. */
    void changed() {
        ports.want(() -> Wants.of(listening.get(), nat.sockets(), view.network().gateways()));
    }

    NatWatch nat() {
        return nat;
    }

    PortKeeper ports() {
        return ports;
    }

    NatProfile profile() {
        return nat.profile();
    }

    /**
     * Where this node may be reached, the likeliest first of each kind: listeners, ports opened on
     * routers, and UDP sockets as {@code udp://host:port?typ=host} or {@code srflx}, the types of
     * RFC 8445.
     */
    List<Endpoint> candidates() {
        List<Endpoint> out = new ArrayList<>();
        for (InetSocketAddress a : ports.shown().mapped(Protocol.TCP)) {
            add(out, Endpoint.of("tcp", a));
        }
        for (InetSocketAddress local : nat.sockets()) {
            add(out, udp(local, "host"));
            forwarded(local).ifPresent(a -> add(out, udp(a, "host")));
            seen(local).ifPresent(a -> add(out, udp(a, "srflx")));
        }
        // A machine with many addresses must not crowd out the places that lead in from outside.
        List<Endpoint> all = listening.get();
        int room = Math.max(0, PeerAddress.MAX_ENDPOINTS - out.size());
        out.addAll(0, all.subList(0, Math.min(all.size(), room)));
        return out.subList(0, Math.min(out.size(), PeerAddress.MAX_ENDPOINTS));
    }

    private static void add(List<Endpoint> out, Endpoint e) {
        if (!out.contains(e)) {
            out.add(e);
        }
    }

    private static Endpoint udp(InetSocketAddress a, String type) {
        return Endpoint.parse(Endpoint.of("udp", a) + "?typ=" + type);
    }

    /**
     * How long a UDP path may be silent before the NAT might forget it: half of what mappings were
     * seen to live.
     *
     * @param usual where nothing is known, and at most
     */
    Duration udpKeepAlive(Duration usual) {
        NatProfile p = nat.profile();
        return Stream.of(p.ipv4(), p.ipv6())
                .flatMap(Optional::stream)
                .map(NatBehavior::lifetime)
                .filter(l -> l.atMost().isPresent())
                .map(l -> l.atLeast().dividedBy(2))
                .map(d -> d.compareTo(LEAST_KEEP_ALIVE) < 0 ? LEAST_KEEP_ALIVE : d)
                .filter(d -> d.compareTo(usual) < 0)
                .min(Duration::compareTo)
                .orElse(usual);
    }

    /** What was learnt on the socket with that local address. */
    private Optional<NatBehavior> behavior(InetSocketAddress local) {
        NatProfile p = nat.profile();
        Optional<NatBehavior> b = local.getAddress().getAddress().length == 4 ? p.ipv4() : p.ipv6();
        return b.filter(x -> x.local().map(local::equals).orElse(true));
    }

    private Optional<InetSocketAddress> seen(InetSocketAddress local) {
        return behavior(local)
                .filter(b -> b.udp().mapping() != Behavior.BLOCKED) // then it was seen by TCP
                .flatMap(NatBehavior::mapped)
                .filter(a -> !a.equals(local));
    }

    // --- Sockets

    @Override
    public SharedSocket share(UdpSocket socket) {
        return new SharedSocket(socket, consent, counters);
    }

    @Override
    public List<SharedSocket> shared() {
        return nat.shared();
    }

    @Override
    public Optional<InetSocketAddress> mapped(InetSocketAddress local) {
        boolean same =
                behavior(local)
                        .map(b -> b.udp().mapping())
                        .filter(m -> m == Behavior.ENDPOINT_INDEPENDENT || m == Behavior.NONE)
                        .isPresent();
        return same ? seen(local) : Optional.empty();
    }

    @Override
    public Optional<InetSocketAddress> forwarded(InetSocketAddress local) {
        return ports.shown().mapped(Protocol.UDP, local);
    }

    @Override
    public RelayHub relays() {
        return relays;
    }

    /** Closes what was opened on routers; completes within about two seconds. */
    CompletionStage<Void> closePorts() {
        return ports.close();
    }

    void close() {
        nat.close();
        ports.close();
        relays.close();
        view.close();
    }
}
