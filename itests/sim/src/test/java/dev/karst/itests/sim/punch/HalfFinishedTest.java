// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.core.identity.Identity;
import dev.karst.crypto.jca.JcaCrypto;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.itests.sim.nattable.Manner;
import dev.karst.itests.sim.nattable.StunHost;
import dev.karst.itests.sim.session.FlowTransport;
import dev.karst.itests.sim.session.SimNode;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.reverse.ReverseStrategy;
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts that the peer leaves, or its network, at any moment: nothing may be left of them. */
class HalfFinishedTest {
    /** In the build a part; {@code -Dkarst.half.finished=1000} for more. */
    private static final int ATTEMPTS = Integer.getInteger("karst.half.finished", 60);

    private static final String RELAY = "198.51.100.99";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsLeftOfThem(boolean symmetric) {
        NatWorld nats = new NatWorld(symmetric ? 11 : 12);
        SimWorld w = nats.world();
        w.defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        SimHost stun = nats.server("stun", "198.51.100.1", "198.51.100.2");
        String server =
                new StunHost(stun, Manner.HONEST, new InetSocketAddress("198.51.100.1", 53)).name();
        SimHost relay = nats.server("relay", RELAY);
        SimBus bus = new SimBus(w);
        NatPolicy policy = symmetric ? NatPolicy.symmetric() : NatPolicy.home();
        NatHome homeA = nats.home("a", policy);
        NatHome homeB = nats.home("b", policy);
        SimNode a = node(homeA.host(), bus, server, relay);
        SimNode b = node(homeB.host(), bus, server, relay);
        Duration rest = Duration.ofMinutes(20);
        w.run(rest);
        int sockets = homeA.host().openSockets();
        int socketsB = homeB.host().openSockets();
        int relays = relay.openSockets();
        int timers = w.timers();
        RandomGenerator random = w.random("half finished");
        int finished = 0;
        for (int i = 0; i < ATTEMPTS; i++) {
            CompletableFuture<Peer> f = a.node().connect(b.node().address()).toCompletableFuture();
            w.run(Duration.ofMillis(random.nextInt(700)));
            finished += f.isDone() ? 1 : 0;
            homeB.host().plugged(false);
            w.run(Duration.ofMillis(random.nextInt(200)));
            a.node().peers().forEach(Peer::disconnect);
            b.node().peers().forEach(Peer::disconnect);
            w.runs(f::isDone, Duration.ofSeconds(30));
            a.node().peers().forEach(Peer::disconnect);
            homeB.host().plugged(true);
            w.run(Duration.ofSeconds(2));
            b.node().peers().forEach(Peer::disconnect);
        }
        assertTrue(finished > ATTEMPTS / 10 && finished < ATTEMPTS, finished + " were finished");
        w.run(rest);
        assertEquals(sockets, homeA.host().openSockets(), "sockets of who asked");
        assertEquals(socketsB, homeB.host().openSockets(), "sockets of who was asked");
        assertEquals(relays, relay.openSockets(), "addresses at the relay");
        assertTrue(w.timers() <= timers + 4, "timers: " + timers + " before, " + w.timers());
    }

    private static SimNode node(SimHost host, SimBus bus, String server, SimHost relay) {
        SimNode n = new SimNode(host, Identity.generate(host.secureRandom()), bus, new JcaCrypto());
        n.add(NatDetector.class, new StunNatDetector(List.of(server)), "stun");
        n.add(TraversalStrategy.class, new UdpPunchStrategy(), "udppunch");
        n.add(TraversalStrategy.class, new TcpPunchStrategy(), "tcppunch");
        n.add(TraversalStrategy.class, new ReverseStrategy(), "reverse");
        n.add(Transport.class, new FlowTransport(), "udp");
        n.add(RelayProvider.class, new SimRelay(relay), "sim");
        n.node().accept(ProtocolId.of("test"), AccessPolicy.any(), new PipeAcceptor() {});
        return n;
    }
}
