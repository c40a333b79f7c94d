// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Two nodes that met at a relay find a direct path once there is one. */
class UpgradeTest {
    private static final String RELAY = "198.51.100.99";
    private static final ProtocolId STREAM = ProtocolId.of("test/stream");

    @Test
    void aRelayedSessionBecomesDirect() {
        NatWorld w = new NatWorld(3);
        w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        String server = stun(w);
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

    /**
     * The new path is shorter: what goes by it waits for the last of the old one, and no longer.
     */
    @Test
    void theStreamGoesOnMeanwhile() {
        NatWorld w = new NatWorld(4);
        w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        SimHost relay = w.server("relay", RELAY);
        SimBus bus = new SimBus(w.world());
        NatPolicy udpHopeless = NatPolicy.symmetric().withTcp(r -> NatPolicy.home().tcp());
        String server = stun(w);
        SimNode a = node(w.home("a", udpHopeless).host(), bus, server, relay);
        SimNode b = node(w.home("b", udpHopeless).host(), bus, server, relay);
        AtomicLong received = new AtomicLong();
        b.node().accept(STREAM, AccessPolicy.any(), counting(received));
        w.world().run(Duration.ofSeconds(30));
        var f = a.node().connect(b.node().address()).toCompletableFuture();
        w.world().runs(f::isDone, Duration.ofSeconds(30));
        Peer peer = f.join();
        var opened = peer.openStream(STREAM, PipeOptions.defaults()).toCompletableFuture();
        w.world().runs(opened::isDone, Duration.ofSeconds(5));
        a.add(TraversalStrategy.class, new TcpPunchStrategy(), "tcppunch");
        b.add(TraversalStrategy.class, new TcpPunchStrategy(), "tcppunch");
        int silent = 0;
        int longest = 0;
        long before = 0;
        for (int ms = 0; ms < 60_000 || relayed(peer); ms += 5) {
            assertTrue(ms < 180_000, peer.report().toString());
            opened.join().write(ByteBuffer.allocate(100));
            w.world().run(Duration.ofMillis(5));
            long now = received.get();
            silent = now == before ? silent + 5 : 0;
            longest = before == 0 ? 0 : Math.max(longest, silent);
            before = now;
        }
        assertEquals("tcppunch", peer.paths().get(0).strategy());
        assertTrue(longest <= 25, longest + " ms without a byte");
    }

    private static PipeAcceptor counting(AtomicLong received) {
        return new PipeAcceptor() {
            @Override
            public void stream(Peer peer, StreamPipe pipe) {
                pipe.incoming().subscribe(new Counting(received));
            }
        };
    }

    private record Counting(AtomicLong received) implements Flow.Subscriber<ByteBuffer> {
        @Override
        public void onSubscribe(Flow.Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer b) {
            received.addAndGet(b.remaining());
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {}
    }

    private static String stun(NatWorld w) {
        SimHost stun = w.server("stun", "198.51.100.1", "198.51.100.2");
        return new StunHost(stun, Manner.HONEST, new InetSocketAddress("198.51.100.1", 53)).name();
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
