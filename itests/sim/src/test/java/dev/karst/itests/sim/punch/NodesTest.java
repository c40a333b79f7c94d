// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.karst.itests.sim.nat.Dependence;
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
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.reverse.ReverseStrategy;
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whole nodes behind NATs: detection, signals, strategies, handshake. */
class NodesTest {
    private static final CryptoProvider CRYPTO = new JcaCrypto();
    private static final ProtocolId PROTOCOL = ProtocolId.of("test");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final class Pair {
        final NatWorld w;
        final SimNode a;
        final SimNode b;

        Pair(long seed, NatPolicy ofA, NatPolicy ofB) {
            w = new NatWorld(seed);
            w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
            NatHome homeA = w.home("a", ofA);
            NatHome homeB = w.home("b", ofB);
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
            return new StunHost(host, Manner.HONEST, new InetSocketAddress(addresses[0], 53))
                    .name();
        }

        private static SimNode node(SimHost host, SimBus bus, List<String> servers) {
            SimNode n = new SimNode(host, Identity.generate(host.secureRandom()), bus, CRYPTO);
            n.add(NatDetector.class, new StunNatDetector(servers), "stun");
            return n;
        }

        Pair with(TraversalStrategy s, String name) {
            a.add(TraversalStrategy.class, s, name);
            b.add(TraversalStrategy.class, s, name);
            return this;
        }

        Pair overFlows() {
            a.add(Transport.class, new FlowTransport(), "udp");
            b.add(Transport.class, new FlowTransport(), "udp");
            return this;
        }

        Pair withRelays() {
            SimHost relay = w.server("relay", "198.51.100.99");
            a.add(RelayProvider.class, new SimRelay(relay), "sim");
            b.add(RelayProvider.class, new SimRelay(relay), "sim");
            return this;
        }

        boolean relayed(Peer peer) {
            return peer.paths().stream().anyMatch(p -> p.toString().contains("198.51.100.99"));
        }

        Peer connect() {
            w.world().run(Duration.ofSeconds(30)); // detection, TCP included
            var f = a.node().connect(b.node().address()).toCompletableFuture();
            w.world().runs(f::isDone, LIMIT);
            return f.join();
        }
    }

    private static final class Ignore implements PipeAcceptor {
        @Override
        public void stream(Peer peer, StreamPipe pipe) {}
    }

    @Test
    void tcpPunchConnectsTwoHomes() {
        Pair p =
                new Pair(1, NatPolicy.home(), NatPolicy.home())
                        .with(new TcpPunchStrategy(), "tcppunch");
        assertWonBy("tcppunch", p.connect());
    }

    @Test
    void udpPunchConnectsTwoHomesWithinASecond() {
        Pair p =
                new Pair(1, NatPolicy.home(), NatPolicy.home())
                        .with(new UdpPunchStrategy(), "udppunch")
                        .overFlows();
        Peer peer = p.connect();
        assertWonBy("udppunch", peer);
        assertTrue(peer.report().took().toMillis() < 1_000, peer.report().toString());
    }

    /** Only the asking side can be reached: it is, though it has opened nothing. */
    @Test
    void thePeerConnectsBack() {
        Pair p =
                new Pair(1, NatPolicy.open(), NatPolicy.home())
                        .with(new ReverseStrategy(), "reverse");
        Peer peer = p.connect();
        assertEquals(1, peer.paths().size());
        assertTrue(peer.report().took().toMillis() < 1_000, peer.report().toString());
    }

    /** Every pair that punching cannot bring together has a relay at once. */
    @Test
    void everyPairConnects() {
        NatPolicy adf =
                NatPolicy.home().withUdp(r -> r.withFiltering(Dependence.ADDRESS_DEPENDENT));
        Map<String, NatPolicy> kinds = new LinkedHashMap<>();
        kinds.put("open", NatPolicy.open());
        kinds.put("firewall", NatPolicy.firewall(Dependence.ADDRESS_AND_PORT_DEPENDENT));
        kinds.put("home", NatPolicy.home());
        kinds.put("adf", adf);
        kinds.put("carrier", NatPolicy.carrier());
        kinds.put("symmetric", NatPolicy.symmetric());
        List<String> names = List.copyOf(kinds.keySet());
        List<String> relayed = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = i; j < names.size(); j++) {
                boolean turn = (i + j) % 2 == 0; // now one asks, now the other
                String x = names.get(turn ? i : j);
                String y = names.get(turn ? j : i);
                Pair p =
                        new Pair(10L * i + j, kinds.get(x), kinds.get(y))
                                .with(new UdpPunchStrategy(), "udppunch")
                                .overFlows()
                                .withRelays();
                Peer peer = p.connect();
                long ms = peer.report().took().toMillis();
                assertTrue(ms < 1_000, x + " x " + y + " " + peer.report());
                if (p.relayed(peer)) {
                    relayed.add(x + " x " + y);
                }
            }
        }
        assertEquals(
                List.of("firewall x symmetric", "symmetric x home", "symmetric x symmetric"),
                relayed);
    }

    private static void assertWonBy(String strategy, Peer peer) {
        assertEquals(1, peer.paths().size());
        assertTrue(peer.report().verdict().contains(strategy), peer.report().toString());
    }
}
