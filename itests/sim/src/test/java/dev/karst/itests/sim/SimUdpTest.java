// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.net.UdpSocket;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class SimUdpTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final class Numbers implements UdpSocket.Handler {
        final List<Integer> seen = new ArrayList<>();
        final List<InetSocketAddress> from = new ArrayList<>();
        boolean closed;

        @Override
        public void datagram(InetSocketAddress sender, ByteBuffer bytes) {
            seen.add(bytes.getInt());
            from.add(sender);
        }

        @Override
        public void closed() {
            closed = true;
        }
    }

    private static Numbers burst(LinkProfile profile, int count, Duration gap) {
        SimWorld w = new SimWorld(42);
        w.defaultProfile(profile);
        SimHost a = w.host("a");
        SimHost b = w.host("b");
        UdpSocket from = w.await(a.network().bindUdp(a.at(5000)), LIMIT);
        UdpSocket to = w.await(b.network().bindUdp(b.at(6000)), LIMIT);
        Numbers n = new Numbers();
        to.start(n);
        for (int i = 0; i < count; i++) {
            assertTrue(from.send(b.at(6000), ByteBuffer.allocate(100).putInt(0, i)));
            w.run(gap);
        }
        w.run(LIMIT);
        return n;
    }

    private static long inversions(List<Integer> seen) {
        long n = 0;
        for (int i = 1; i < seen.size(); i++) {
            n += seen.get(i) < seen.get(i - 1) ? 1 : 0;
        }
        return n;
    }

    private static final LinkProfile CLEAN = LinkProfile.of(Duration.ofMillis(10));

    @Test
    void aCleanLinkLosesRepeatsAndReordersNothing() {
        Numbers n = burst(CLEAN, 2000, Duration.ofMillis(1));
        assertEquals(2000, n.seen.size());
        assertEquals(0, inversions(n.seen));
        assertEquals("192.0.2.2", n.from.get(0).getAddress().getHostAddress());
    }

    @Test
    void lossIsWhatWasAskedFor() {
        Numbers n = burst(CLEAN.withLoss(0.2), 5000, Duration.ofMillis(1));
        // binomial, sigma = 28: five sigma
        assertTrue(Math.abs(n.seen.size() - 4000) < 140, "arrived " + n.seen.size());
    }

    @Test
    void duplicationIsWhatWasAskedFor() {
        Numbers n = burst(CLEAN.withDuplicate(0.1), 5000, Duration.ofMillis(1));
        int twice = n.seen.size() - new HashSet<>(n.seen).size();
        assertTrue(Math.abs(twice - 500) < 107, "twice " + twice);
        assertEquals(5000, new HashSet<>(n.seen).size());
    }

    @Test
    void reorderingHappensWhenAskedFor() {
        Numbers n = burst(CLEAN.withReorder(0.1), 5000, Duration.ofMillis(1));
        assertTrue(inversions(n.seen) > 200, "inversions " + inversions(n.seen));
        assertEquals(5000, new HashSet<>(n.seen).size());
        assertTrue(
                inversions(
                                burst(
                                                CLEAN.withJitter(Duration.ofMillis(5)),
                                                5000,
                                                Duration.ofMillis(1))
                                        .seen)
                        > 500);
    }

    @Test
    void aNarrowLinkDropsWhatItsQueueCannotHold() {
        Numbers n =
                burst(CLEAN.withRate(128_000).withQueue(12_800), 5000, Duration.ofNanos(100_000));
        // 5000 datagrams of 128 bytes in half a second, 1000 a second pass, 100 wait
        assertTrue(n.seen.size() > 580 && n.seen.size() < 620, "arrived " + n.seen.size());
        assertEquals(0, inversions(n.seen));
    }

    @Test
    void aPartitionSwallowsUntilItHeals() {
        SimWorld w = new SimWorld(1);
        SimHost a = w.host("a");
        SimHost b = w.host("b");
        UdpSocket from = w.await(a.network().bindUdp(a.at(0)), LIMIT);
        UdpSocket to = w.await(b.network().bindUdp(b.at(6000)), LIMIT);
        Numbers n = new Numbers();
        to.start(n);
        w.partition(a, b);
        assertTrue(from.send(b.at(6000), ByteBuffer.allocate(4).putInt(0, 1)));
        w.run(Duration.ofSeconds(1));
        w.heal(a, b);
        assertTrue(from.send(b.at(6000), ByteBuffer.allocate(4).putInt(0, 2)));
        w.run(Duration.ofSeconds(1));
        assertEquals(List.of(2), n.seen);
    }

    @Test
    void aWildcardSocketServesBothFamiliesAndLoopback() throws Exception {
        SimWorld w = new SimWorld(1);
        SimHost a = w.host("a");
        SimHost b = w.host("b");
        UdpSocket from =
                w.await(a.network().bindUdp(new InetSocketAddress("0.0.0.0", 5000)), LIMIT);
        UdpSocket to = w.await(b.network().bindUdp(new InetSocketAddress("::", 6000)), LIMIT);
        Numbers n = new Numbers();
        to.start(n);
        for (InetAddress address : b.addresses()) {
            from.send(new InetSocketAddress(address, 6000), ByteBuffer.allocate(4));
        }
        to.send(new InetSocketAddress("127.0.0.1", 6000), ByteBuffer.allocate(4));
        w.run(Duration.ofSeconds(1));
        assertEquals(
                List.of("127.0.0.1:6000", "192.0.2.2:5000", "[2001:db8:0:0:0:0:0:1]:5000"),
                n.from.stream().map(Packet::text).toList());
    }

    @Test
    void portsAreExclusiveAndCloseFreesThem() {
        SimWorld w = new SimWorld(1);
        SimHost a = w.host("a");
        UdpSocket s = w.await(a.network().bindUdp(a.at(5000)), LIMIT);
        CompletionException e =
                assertThrows(
                        CompletionException.class,
                        () -> w.await(a.network().bindUdp(a.at(5000)), LIMIT));
        assertTrue(e.getCause() instanceof BindException);
        Numbers n = new Numbers();
        s.start(n);
        s.close();
        w.run(Duration.ofSeconds(1));
        assertTrue(n.closed);
        assertFalse(s.send(a.at(1), ByteBuffer.allocate(1)));
        w.await(a.network().bindUdp(a.at(5000)), LIMIT);
    }
}
