// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two nodes that met at a relay find a direct path once there is one. */
class UpgradeTest {
    private static final String RELAY = "198.51.100.99";

    @Test
    void aRelayedSessionBecomesDirect() {
        NatWorld w = new NatWorld(3);
        w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        SimHost stun = w.server("stun", "198.51.100.1", "198.51.100.2");
        String server =
                new StunHost(stun, Manner.HONEST, new InetSocketAddress("198.51.100.1", 53)).name();
        SimHost relay = w.server("relay", RELAY);
        SimBus bus = new SimBus(w.world());
        NatPolicy udpHopeless = NatPolicy.symmetric().withTcp(r -> NatPolicy.home().tcp());
        SimNode a = node(w.home("a", udpHopeless).host(), bus, server, relay);
        SimNode b = node(w.home("b", udpHopeless).host(), bus, server, relay);
        w.world().run(Duration.ofSeconds(30));
        var f = a.node().connect(b.node().address()).toCompletableFuture();
        w.world().runs(f::isDone, Duration.ofSeconds(30));
        Peer peer = f.join();
        assertTrue(relayed(peer), peer.paths().toString());
        a.add(TraversalStrategy.class, new TcpPunchStrategy(), "tcppunch");
        b.add(TraversalStrategy.class, new TcpPunchStrategy(), "tcppunch");
        w.world().runs(() -> !relayed(peer), Duration.ofMinutes(3));
        w.world().run(Duration.ofSeconds(5));
        assertFalse(relayed(peer), peer.report().toString());
        assertEquals(1, peer.paths().size(), peer.paths().toString());
        assertEquals(1, b.node().peers().get(0).paths().size());
    }

    private static boolean relayed(Peer peer) {
        return peer.paths().isEmpty() || peer.paths().get(0).toString().contains(RELAY);
    }

    private static SimNode node(SimHost host, SimBus bus, String server, SimHost relay) {
        SimNode n = new SimNode(host, Identity.generate(host.secureRandom()), bus, new JcaCrypto());
        n.add(NatDetector.class, new StunNatDetector(List.of(server)), "stun");
        n.add(TraversalStrategy.class, new UdpPunchStrategy(), "udppunch");
        n.add(Transport.class, new FlowTransport(), "udp");
        n.add(RelayProvider.class, new SimRelay(relay), "sim");
        n.node().accept(ProtocolId.of("test"), AccessPolicy.any(), new PipeAcceptor() {});
        return n;
    }
}
