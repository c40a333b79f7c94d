// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.AccessPolicy;
import dev.karst.ConnectReport;
import dev.karst.Endpoint;
import dev.karst.NatInfo;
import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.Subscription;
import dev.karst.core.connect.AddressBook;
import dev.karst.core.connect.Connector;
import dev.karst.core.connect.Lookup;
import dev.karst.core.connect.Places;
import dev.karst.core.connect.Publisher;
import dev.karst.core.connect.SignalHub;
import dev.karst.core.identity.Identity;
import dev.karst.core.identity.SignalBox;
import dev.karst.core.ports.LeaseStore;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.session.Session;
import dev.karst.core.session.SessionOwner;
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.Log;
import dev.karst.core.world.World;
import dev.karst.spi.Scope;
import dev.karst.spi.Scopes;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.NetDriver;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.signaling.SignalingBackend;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.TraversalStrategy;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A node, put together: the same in a container and in the simulator, which differ in the {@link
 * World} they give. Providers are told to {@link #registry()}.
 */
public final class CoreNode implements Node, Scopes, SessionOwner, Places, AutoCloseable {
    private final World world;
    private volatile CoreConfig config;
    private final Identity identity;
    private final Counters counters;
    private final EventBus events;
    private final ProviderRegistry registry;
    private final Protocols protocols = new Protocols();
    private final SessionTable sessions;
    private final AddressBook book = new AddressBook();
    private final Connector connector;
    private final SignalHub signals;
    private final Publisher publisher;
    private final Listeners listeners;
    private final Surroundings surroundings;
    private List<String> nat = List.of(); // as last told
    private final Readiness readiness;
    private final CoreAdmin admin;

    public CoreNode(
            World world,
            CoreConfig config,
            Identity identity,
            Publisher.NumberStore numbers,
            Counters counters) {
        this(world, config, identity, numbers, LeaseStore.none(), counters);
    }

    public CoreNode(
            World world,
            CoreConfig config,
            Identity identity,
            Publisher.NumberStore numbers,
            LeaseStore leases,
            Counters counters) {
        this.counters = counters;
        this.world = world;
        this.config = config;
        this.identity = identity;
        this.events = new EventBus(world);
        this.registry = new ProviderRegistry(world, counters, events::publish);
        registry.kind(NetDriver.class, "net");
        registry.kind(Transport.class, "transport");
        registry.kind(CryptoProvider.class, "crypto");
        registry.kind(TraversalStrategy.class, "traversal");
        registry.kind(PortPredictor.class, "predictor");
        registry.kind(NatDetector.class, "nat");
        registry.kind(PortMapper.class, "portmap");
        registry.kind(RelayProvider.class, "relay");
        registry.kind(SignalingBackend.class, "signaling");
        registry.kind(PeerDirectory.class, "directory");
        this.sessions =
                new SessionTable(
                        world, this, identity, registry, counters, config.limits(), this::admits);
        this.listeners =
                new Listeners(
                        world, registry, sessions, events, config.listen(), this::placesChanged);
        this.surroundings =
                new Surroundings(
                        world,
                        registry,
                        counters,
                        events,
                        config,
                        leases,
                        listeners::candidates,
                        new Surroundings.Told(this::natChanged, this::networkChanged));
        this.connector =
                new Connector(
                        world,
                        registry,
                        sessions,
                        book,
                        new Lookup(world, registry, book, counters),
                        config.limits(),
                        this,
                        surroundings,
                        counters,
                        this::admits);
        this.signals =
                new SignalHub(
                        world,
                        registry,
                        identity.id(),
                        new SignalBox(identity, world.secureRandom()),
                        counters,
                        config.limits().signalsPerSecond(),
                        connector::signal,
                        this::signalingChanged);
        connector.signals(signals);
        this.publisher =
                new Publisher(
                        world,
                        registry,
                        identity,
                        signals::endpoints,
                        events::publish,
                        numbers,
                        counters);
        this.readiness =
                new Readiness(
                        world,
                        () -> listeners.up() && !registry.usable(CryptoProvider.class).isEmpty(),
                        signals::connected,
                        this::becomeReady);
        this.admin =
                new CoreAdmin(
                        world,
                        registry,
                        sessions,
                        connector,
                        listeners,
                        book,
                        counters,
                        () -> this.config,
                        events,
                        surroundings);
        ProviderWatch providers =
                new ProviderWatch(
                        sessions,
                        connector,
                        listeners,
                        signals,
                        publisher,
                        surroundings,
                        readiness,
                        admin);
        admin.moved(signals::left, providers::resume);
        registry.listen(providers);
        surroundings.start();
    }

    /** A broker that went, perhaps with the relay beside it, is back: who lost all paths tries. */
    private void signalingChanged() {
        if (signals.connected()) {
            connector.signalingReturned();
        }
        reachabilityChanged();
    }

    private void reachabilityChanged() {
        publisher.changed();
        readiness.settle();
    }

    /** On the lane of the NAT. More evidence of the same NAT is no reason to begin anew. */
    private void natChanged(NatInfo info) {
        events.publish(new NodeEvent.NatChanged(info));
        List<String> now =
                info.families().stream().map(f -> f.p2pdName() + " " + f.mapped()).toList();
        if (!now.equals(nat)) {
            nat = now;
            connector.tryAnew("another NAT is in front of this node");
        }
    }

    private void networkChanged(Set<InetAddress> present) {
        sessions.networkChanged(present);
        connector.networkChanged();
    }

    private void placesChanged() {
        surroundings.changed();
        readiness.settle();
    }

    private void becomeReady() {
        if (!signals.connected()) {
            events.publish(
                    new NodeEvent.Trouble(
                            "a signaling broker is not connected",
                            "see karst:providers for its last error"));
        }
        events.publish(new NodeEvent.Ready(address()));
    }

    public ProviderRegistry registry() {
        return registry;
    }

    public CoreAdmin admin() {
        return admin;
    }

    public Counters counters() {
        return counters;
    }

    private boolean admits(PeerId peer) {
        return config.allow().contains(peer)
                || protocols.admitsAnything(peer)
                || connector.connecting(peer); // it may connect back
    }

    // --- Node -----------------------------------------------------------------------------------

    @Override
    public PeerId id() {
        return identity.id();
    }

    @Override
    public PeerAddress address() {
        return identity.address(signals.endpoints(), List.of());
    }

    @Override
    public List<Endpoint> listening() {
        List<Endpoint> all = listeners.candidates();
        return all.subList(0, Math.min(all.size(), PeerAddress.MAX_ENDPOINTS));
    }

    @Override
    public boolean ready() {
        return readiness.isReady();
    }

    @Override
    public CompletionStage<Peer> connect(PeerId id) {
        return connector.connect(id, Optional.empty());
    }

    @Override
    public CompletionStage<Peer> connect(PeerAddress address) {
        return connector.connect(address.id(), Optional.of(address));
    }

    @Override
    public Subscription accept(ProtocolId protocol, AccessPolicy who, PipeAcceptor acceptor) {
        return protocols.accept(protocol, who, acceptor);
    }

    @Override
    public Subscription watch(Consumer<? super NodeEvent> listener) {
        return events.watch(listener);
    }

    @Override
    public List<Peer> peers() {
        return new ArrayList<>(sessions.all());
    }

    @Override
    public ConnectReport report(PeerId peer) {
        return connector.report(peer);
    }

    // --- Places, SessionOwner, Scopes -----------------------------------------------------------

    @Override
    public List<Endpoint> candidates() {
        return surroundings.candidates();
    }

    @Override
    public PeerAddress ownAddress() {
        return identity.address(signals.endpoints(), candidates());
    }

    @Override
    public void doubt() {
        surroundings.doubt();
    }

    @Override
    public NatProfile natProfile() {
        return surroundings.profile();
    }

    @Override
    public Optional<PipeAcceptor> acceptor(PeerId peer, ProtocolId protocol) {
        return protocols.acceptor(peer, protocol);
    }

    @Override
    public void event(NodeEvent event) {
        if (event instanceof NodeEvent.PeerChanged c && c.state() == PeerState.CONNECTED) {
            connector.connected(c.peer());
        }
        log(event);
        events.publish(event);
    }

    private static void log(NodeEvent event) {
        String line =
                event instanceof NodeEvent.PeerChanged c
                        ? c.peer().brief() + " is " + c.state() + ": " + c.why()
                        : event instanceof NodeEvent.PathUp u
                                ? u.peer().brief() + " path up: " + ends(u.path())
                                : event instanceof NodeEvent.PathDown d
                                        ? d.peer().brief()
                                                + " path down: "
                                                + ends(d.path())
                                                + ": "
                                                + d.why()
                                        : null;
        if (line != null) {
            Log.of(CoreNode.class).log(System.Logger.Level.INFO, line);
        }
    }

    private static String ends(PathInfo p) {
        return p.local() + " - " + p.remote() + " (" + p.strategy() + ")";
    }

    @Override
    public void inUse(Session session) {
        connector.inUse(session);
    }

    @Override
    public void suspect(Session session) {
        connector.suspect(session);
    }

    @Override
    public Duration udpKeepAlive() {
        return surroundings.udpKeepAlive(config.limits().pingInterval());
    }

    @Override
    public void suspended(Session session, boolean dialed) {
        connector.redial(session, dialed);
    }

    @Override
    public void closed(Session session) {
        sessions.forget(session);
        connector.forget(session);
    }

    @Override
    public void address(PeerId peer, String text) {
        try {
            PeerAddress a = PeerAddress.parse(text);
            if (!a.id().equals(peer) || !book.learnIfGenuine(a)) {
                counters.add("session.forged-address");
            }
        } catch (IllegalArgumentException e) {
            counters.add("session.bad-address");
        }
    }

    @Override
    public String ownAddressText() {
        return ownAddress().toString();
    }

    @Override
    public Owned open(String owner) {
        CoreScope scope = new CoreScope(world, world.lane(owner), counters, Instant.MAX);
        return new Owned() {
            @Override
            public Scope scope() {
                return scope;
            }

            @Override
            public void close() {
                scope.cancel();
            }
        };
    }

    /**
     * Closes what was opened on routers; before {@link #close}, while the mappers are still here.
     *
     * @return completes within about two seconds
     */
    public CompletionStage<Void> closePorts() {
        return surroundings.closePorts();
    }

    /**
     * Takes other settings while it runs: no session, path or lease is lost by it.
     *
     * @return what takes effect only when the node starts again, by name
     */
    public List<String> configure(CoreConfig next) {
        List<String> later = new ArrayList<>();
        if (next.udpPort() != config.udpPort()) {
            later.add("udpPort"); // another socket would be another mapping: paths end
        }
        config = next;
        sessions.limits(next.limits());
        connector.limits(next.limits());
        listeners.want(next.listen());
        surroundings.settings(next.ports());
        return later;
    }

    /** Stops: tells peers, closes sockets, lets all providers go. */
    @Override
    public void close() {
        close(true);
    }

    /**
     * The same.
     *
     * @param farewell false where this node comes back in a moment: peers then keep their sessions
     *     suspended and dial it; the pipes of before fail there with {@code PEER_RESTARTED}
     */
    public void close(boolean farewell) {
        readiness.close();
        connector.close();
        publisher.close();
        sessions.close(farewell);
        listeners.close();
        surroundings.close();
        registry.clear();
    }
}
