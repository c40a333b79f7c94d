// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.core.identity.Identity;
import dev.karst.crypto.jca.JcaCrypto;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.Dependence;
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
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** A direct path that dies in silence, while a relay could still carry the data. */
class FailoverTest {
    private static final String RELAY = "198.51.100.99";
    private static final ProtocolId PROTOCOL = ProtocolId.of("count");
    private static final Dependence EI = Dependence.ENDPOINT_INDEPENDENT;
    private static final Dependence APD = Dependence.ADDRESS_AND_PORT_DEPENDENT;
    private static final int CHUNK = 8_192;

    private final NatWorld nats = new NatWorld(7);
    private final SimWorld w = nats.world();
    private SimHost hostA;
    private SimHost hostB;
    private final Sink sink = new Sink();
    private SimNode a;
    private SimNode b;
    private Peer peer;
    private StreamPipe pipe;
    private long written;
    private Duration pace = Duration.ofMillis(10);

    /** Takes numbered bytes, and knows the longest time without any. */
    private final class Sink implements PipeAcceptor, Flow.Subscriber<ByteBuffer> {
        private Flow.Subscription subscription;
        private long received;
        private long last;
        private long gap;
        private long wrong;

        @Override
        public void stream(Peer from, StreamPipe p) {
            p.incoming().subscribe(this);
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                wrong += bytes.get() == (byte) received++ ? 0 : 1;
            }
            gap = Math.max(gap, w.nanoTime() - last);
            last = w.nanoTime();
        }

        @Override
        public void onError(Throwable e) {
            throw new AssertionError(e);
        }

        @Override
        public void onComplete() {}

        Duration gap() {
            Duration d = Duration.ofNanos(Math.max(gap, w.nanoTime() - last));
            gap = 0;
            return d;
        }
    }

    private void startInTheOpen() {
        hostA = nats.server("a", "203.0.113.1");
        hostB = nats.server("b", "203.0.113.2");
        start();
    }

    private void start() {
        w.defaultProfile(LinkProfile.of(Duration.ofMillis(20)));
        SimHost stun = nats.server("stun", "198.51.100.1", "198.51.100.2");
        String server =
                new StunHost(stun, Manner.HONEST, new InetSocketAddress("198.51.100.1", 53)).name();
        SimHost relay = nats.server("relay", RELAY);
        SimBus bus = new SimBus(w);
        a = node(hostA, bus, server, relay);
        b = node(hostB, bus, server, relay);
        b.node().accept(PROTOCOL, AccessPolicy.any(), sink);
        w.run(Duration.ofSeconds(30));
        peer = w.await(a.node().connect(b.node().address()), Duration.ofSeconds(10));
        pipe = w.await(peer.openStream(PROTOCOL, PipeOptions.defaults()), Duration.ofSeconds(5));
        write();
        w.run(Duration.ofSeconds(3));
        assertFalse(relayed(), peer.paths().toString());
        sink.gap();
    }

    private static SimNode node(SimHost host, SimBus bus, String server, SimHost relay) {
        SimNode n = new SimNode(host, Identity.generate(host.secureRandom()), bus, new JcaCrypto());
        n.add(NatDetector.class, new StunNatDetector(List.of(server)), "stun");
        n.add(TraversalStrategy.class, new UdpPunchStrategy(), "udppunch");
        n.add(Transport.class, new FlowTransport(), "udp");
        n.add(RelayProvider.class, new SimRelay(relay), "sim");
        return n;
    }

    /** 8 KiB each 10 ms, say: what a slow but steady application does. */
    private void write() {
        byte[] chunk = new byte[CHUNK];
        for (int i = 0; i < CHUNK; i++) {
            chunk[i] = (byte) written++;
        }
        pipe.write(ByteBuffer.wrap(chunk))
                .whenComplete(
                        (x, e) -> {
                            if (e == null) {
                                w.after(pace, this::write);
                            }
                        });
    }

    private boolean relayed() {
        return peer.paths().stream().anyMatch(p -> p.inUse() && p.toString().contains(RELAY));
    }

    @Test
    void theRelayTakesOverWithinAMomentAndGivesBack() {
        startInTheOpen();
        w.partition(hostA, hostB);
        w.run(Duration.ofSeconds(3));
        assertTrue(relayed(), peer.paths().toString());
        assertEquals(PeerState.CONNECTED, peer.state());
        Duration pause = sink.gap();
        assertTrue(pause.toMillis() < 1_500, "fallback: " + pause);

        long repeated = b.node().counters().get("pipe.repeated");
        w.heal(hostA, hostB);
        w.runs(() -> !relayed(), Duration.ofMinutes(1));
        w.run(Duration.ofSeconds(2));
        assertFalse(relayed(), peer.paths().toString());
        pause = sink.gap();
        assertTrue(pause.toMillis() < 100, "upgrade: " + pause);
        // What was on its way by the relay arrived there.
        assertEquals(repeated, b.node().counters().get("pipe.repeated"));
        assertEquals(0, sink.wrong);
        assertTrue(written - sink.received < 4L * CHUNK, written + " " + sink.received);
    }

    /** A path that only hesitated is kept: another one was looked for, and let go. */
    @Test
    void aShortSilenceChangesNothing() {
        startInTheOpen();
        long before = a.node().counters().get("link.suspect");
        w.partition(hostA, hostB);
        w.run(Duration.ofMillis(760));
        w.heal(hostA, hostB);
        w.run(Duration.ofSeconds(30));
        assertTrue(a.node().counters().get("link.suspect") > before, "never suspect");
        assertFalse(relayed(), peer.paths().toString());
        assertEquals(1, peer.paths().size(), peer.paths().toString());
        assertEquals(0, sink.wrong);
        assertTrue(written - sink.received < 4L * CHUNK, written + " " + sink.received);
    }

    /** Each time a direct path does not last, the next one is tried later. */
    @Test
    void aPathThatComesAndGoesIsNotFollowedEachTime() {
        pace = Duration.ofMillis(100);
        startInTheOpen();
        long upgrades = 0;
        for (int i = 0; i < 60; i++) {
            w.partition(hostA, hostB);
            w.run(Duration.ofSeconds(4));
            w.heal(hostA, hostB);
            boolean before = relayed();
            w.run(Duration.ofSeconds(4));
            upgrades += before && !relayed() ? 1 : 0;
        }
        assertTrue(upgrades <= 8, upgrades + " upgrades in eight minutes");
        assertEquals(0, sink.wrong);
        w.run(Duration.ofMinutes(6));
        assertFalse(relayed(), "a path that lasts is taken in the end");
        assertEquals(1, peer.paths().size(), peer.paths().toString());
    }

    /** All mappings are others then: the path is dead, though the same two sockets still can. */
    @Test
    void aRebootedRouterCostsAMoment() {
        NatPolicy random = NatPolicy.nat(EI, APD, Allocation.random());
        NatHome homeA = nats.home("a", random);
        NatHome homeB = nats.home("b", random);
        hostA = homeA.host();
        hostB = homeB.host();
        start();
        for (NatHome home : List.of(homeA, homeB)) {
            home.nat().reboot();
            w.run(Duration.ofSeconds(20));
            Duration pause = sink.gap();
            assertTrue(pause.toMillis() < 2_000, "after the reboot: " + pause);
            assertFalse(relayed(), peer.paths().toString());
            assertEquals(1, peer.paths().size(), peer.paths().toString());
        }
        assertEquals(0, sink.wrong);
    }
}
