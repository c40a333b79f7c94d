// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.core.identity.Identity;
import dev.karst.crypto.jca.JcaCrypto;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.itests.sim.nattable.Manner;
import dev.karst.itests.sim.nattable.StunHost;
import dev.karst.itests.sim.session.FlowTransport;
import dev.karst.itests.sim.session.SimNode;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Two whole nodes behind NATs: detection, signals, strategies, handshake. */
public final class Homes {
    private static final CryptoProvider CRYPTO = new JcaCrypto();
    private static final ProtocolId PROTOCOL = ProtocolId.of("test");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final NatWorld w;
    private final SimNode a;
    private final SimNode b;
    private final NatHome homeA;
    private final NatHome homeB;

    public Homes(long seed, NatPolicy ofA, NatPolicy ofB) {
        w = new NatWorld(seed);
        w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        homeA = w.home("a", ofA);
        homeB = w.home("b", ofB);
        List<String> servers =
                List.of(
                        stun("stun0", "198.51.100.1", "198.51.100.2"),
                        stun("stun1", "198.51.100.11", "198.51.100.12"));
        SimBus bus = new SimBus(w.world());
        a = node(homeA.host(), bus, servers);
        b = node(homeB.host(), bus, servers);
        b.node().accept(PROTOCOL, AccessPolicy.any(), new Ignore());
    }

    private String stun(String name, String... addresses) {
        SimHost host = w.server(name, addresses);
        return new StunHost(host, Manner.HONEST, new InetSocketAddress(addresses[0], 53)).name();
    }

    private static SimNode node(SimHost host, SimBus bus, List<String> servers) {
        SimNode n = new SimNode(host, Identity.generate(host.secureRandom()), bus, CRYPTO);
        n.add(NatDetector.class, new StunNatDetector(servers), "stun");
        n.add(Transport.class, new FlowTransport(), "udp");
        return n;
    }

    public Homes with(TraversalStrategy s, String name) {
        a.add(TraversalStrategy.class, s, name);
        b.add(TraversalStrategy.class, s, name);
        return this;
    }

    /** Who asks. */
    public SimNode a() {
        return a;
    }

    public SimNode b() {
        return b;
    }

    public NatHome homeA() {
        return homeA;
    }

    public NatHome homeB() {
        return homeB;
    }

    public NatWorld world() {
        return w;
    }

    /** Lets time pass for the NATs to be learnt. */
    public Homes learn(Duration time) {
        w.world().run(time);
        return this;
    }

    /** The peer as A has it; empty where they did not meet. */
    public Optional<Peer> connect() {
        CompletableFuture<Peer> f = a.node().connect(b.node().address()).toCompletableFuture();
        w.world().runs(f::isDone, LIMIT);
        return f.isDone() && !f.isCompletedExceptionally()
                ? Optional.of(f.join())
                : Optional.empty();
    }

    /** What A tells of it, for people. */
    public String story() {
        return String.valueOf(a.node().report(b.node().id()));
    }

    private static final class Ignore implements PipeAcceptor {
        @Override
        public void stream(Peer peer, StreamPipe pipe) {}
    }
}
