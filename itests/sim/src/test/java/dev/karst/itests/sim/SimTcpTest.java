// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.Streams.Recorder;
import dev.karst.itests.sim.Streams.Transfer;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class SimTcpTest {
    private static final Duration LIMIT = Streams.LIMIT;

    @Test
    void bytesArriveAllAndInOrderOverBadLinks() {
        for (int seed = 0; seed < 40; seed++) {
            SimWorld w = new SimWorld(seed);
            w.defaultProfile(
                    LinkProfile.of(Duration.ofMillis(15))
                            .withJitter(Duration.ofMillis(30))
                            .withLoss(0.08)
                            .withRate(seed % 2 == 0 ? 0 : 400_000));
            Transfer t = new Transfer(w, 700_000);
            w.runUntil("server sees the end", () -> t.server.calls.contains("finished"), LIMIT);
            assertArrayEquals(t.sent, t.received.toByteArray(), "seed " + seed);
            t.serverEnd.finish();
            w.runUntil("both closed", () -> t.client.closed() && t.server.closed(), LIMIT);
            assertEquals(Optional.empty(), t.client.why);
            assertEquals(Optional.empty(), t.server.why);
            w.run(Duration.ofMinutes(3));
            assertEquals(List.of(), w.tcpFlows());
        }
    }

    @Test
    void connectingTakesOneRoundTrip() {
        SimWorld w = new SimWorld(1);
        SimHost b = w.host("b");
        w.defaultProfile(LinkProfile.of(Duration.ofMillis(70)));
        w.await(b.network().listenTcp(b.at(80), c -> {}), LIMIT);
        long before = w.nanoTime();
        w.await(w.host("a").network().connectTcp(b.at(80)), LIMIT);
        assertEquals(140, (w.nanoTime() - before) / 1_000_000);
    }

    @Test
    void nobodyListensIsRefusedAndNobodyThereTimesOut() throws Exception {
        SimWorld w = new SimWorld(1);
        SimHost a = w.host("a");
        SimHost b = w.host("b");
        CompletionException e =
                assertThrows(
                        CompletionException.class,
                        () -> w.await(a.network().connectTcp(b.at(81)), LIMIT));
        assertTrue(e.getCause() instanceof ConnectException, e.toString());
        long before = w.nanoTime();
        b.plugged(false);
        e =
                assertThrows(
                        CompletionException.class,
                        () -> w.await(a.network().connectTcp(b.at(81)), LIMIT));
        assertTrue(e.getCause().getMessage().contains("timed out"), e.toString());
        assertTrue(w.nanoTime() - before > 100_000_000_000L);
    }

    @Test
    void aCutByResetIsSeenByBothAndWhatCameBeforeIsAPrefix() {
        for (int seed = 0; seed < 40; seed++) {
            SimWorld w = new SimWorld(seed);
            w.defaultProfile(LinkProfile.of(Duration.ofMillis(15)).withRate(2_000_000));
            Transfer t = new Transfer(w, 1 << 20);
            w.run(Duration.ofMillis(w.random("cut").nextInt(1, 400)));
            assertEquals(1, w.cutTcp(f -> f.client().equals("a"), Cut.RESET));
            w.run(Duration.ofMillis(1));
            assertTrue(t.client.why.isPresent());
            assertTrue(t.server.why.isPresent());
            byte[] got = t.received.toByteArray();
            assertTrue(got.length < t.sent.length);
            assertArrayEquals(Arrays.copyOf(t.sent, got.length), got);
            assertEquals(1, t.server.calls.stream().filter("closed"::equals).count());
            assertEquals("closed", t.server.calls.get(t.server.calls.size() - 1));
        }
    }

    @Test
    void aSilentCutIsToldToNobodyAndAnHalfCutToOne() {
        SimWorld w = new SimWorld(1);
        w.defaultProfile(LinkProfile.of(Duration.ofMillis(15)).withRate(100_000));
        Transfer t = new Transfer(w, 1 << 20);
        w.run(Duration.ofSeconds(1));
        w.cutTcp(f -> true, Cut.SILENT);
        w.run(Duration.ofMinutes(10));
        assertFalse(t.client.closed() || t.server.closed());
        w.run(Duration.ofMinutes(20));
        assertTrue(t.client.closed(), "who has bytes to send gives up in the end");
        assertFalse(t.server.closed(), "who only waits never learns");

        Transfer u = new Transfer(w, 1 << 20, 9001);
        w.run(Duration.ofSeconds(1));
        w.cutTcp(f -> true, Cut.SERVER_ONLY);
        w.run(Duration.ofMinutes(1));
        assertTrue(u.server.closed());
        assertFalse(u.client.closed());
    }

    @Test
    void aPartitionHoldsBytesBackAndLosesNone() {
        SimWorld w = new SimWorld(3);
        w.defaultProfile(LinkProfile.of(Duration.ofMillis(15)).withRate(400_000));
        Transfer t = new Transfer(w, 1 << 20);
        w.run(Duration.ofMillis(300));
        w.partition(w.host("a"), w.host("b"));
        w.run(Duration.ofSeconds(40));
        int held = t.received.size();
        assertTrue(held < t.sent.length);
        w.heal(w.host("a"), w.host("b"));
        w.runUntil("all there", () -> t.received.size() == t.sent.length, LIMIT);
        assertArrayEquals(t.sent, t.received.toByteArray());
    }

    @Test
    void writersAreHeldBackAndTold() {
        SimWorld w = new SimWorld(1);
        Transfer t = new Transfer(w, 8 << 20);
        t.serverEnd = null;
        w.runUntil("accepted", () -> t.serverEnd != null || t.received.size() > 0, LIMIT);
        t.serverEnd.reading(false);
        w.run(Duration.ofSeconds(60));
        int stuck = t.received.size();
        w.run(Duration.ofSeconds(60));
        assertEquals(stuck, t.received.size(), "a reader that stopped gets nothing");
        long told = t.client.calls.stream().filter("writable"::equals).count();
        t.serverEnd.reading(true);
        w.runUntil("all there", () -> t.received.size() == t.sent.length, LIMIT);
        assertTrue(t.client.calls.stream().filter("writable"::equals).count() > told);
        assertArrayEquals(t.sent, t.received.toByteArray());
    }

    @Test
    void waterMarksAreThoseOfTheContract() {
        SimWorld w = new SimWorld(1);
        Transfer t = new Transfer(w, 0);
        w.run(Duration.ofSeconds(1));
        TcpSocket s = t.serverEnd;
        t.clientEnd.reading(false);
        assertTrue(s.write(ByteBuffer.allocate(TcpConnection.WINDOW)), "in the window");
        assertTrue(s.write(ByteBuffer.allocate(256 << 10)), "256 KiB wait");
        assertFalse(s.write(ByteBuffer.allocate(1)), "more than 256 KiB wait");
        w.run(Duration.ofSeconds(5));
        assertEquals(List.of("finished"), t.server.calls);
        t.clientEnd.reading(true);
        w.run(Duration.ofSeconds(5));
        assertEquals(List.of("finished", "writable"), t.server.calls);
        assertEquals((512 << 10) + 1, t.client.received.size());

        t.clientEnd.reading(false);
        for (int i = 0; i < 33; i++) {
            s.write(ByteBuffer.allocate(1 << 20));
        }
        w.run(Duration.ofSeconds(1));
        assertTrue(t.server.why.isPresent(), "above 32 MiB it is closed");
    }

    @Test
    void halfCloseLeavesTheOtherDirectionOpen() {
        SimWorld w = new SimWorld(1);
        Transfer t = new Transfer(w, 10);
        w.runUntil("finished", () -> t.server.calls.contains("finished"), LIMIT);
        t.serverEnd.write(ByteBuffer.wrap("answer".getBytes()));
        w.run(Duration.ofSeconds(1));
        assertEquals("answer", t.client.received.toString());
        assertFalse(t.client.closed() || t.server.closed());
        t.serverEnd.finish();
        w.run(Duration.ofSeconds(1));
        assertEquals(List.of("finished", "closed"), t.client.calls);
        assertEquals(List.of("finished", "closed"), t.server.calls);
    }

    @Test
    void closeSendsWhatWaitsAndAbortDoesNot() {
        SimWorld w = new SimWorld(1);
        Transfer t = new Transfer(w, 0);
        w.run(Duration.ofSeconds(1));
        t.serverEnd.write(ByteBuffer.allocate(200_000));
        t.serverEnd.close();
        w.run(Duration.ofSeconds(5));
        assertEquals(200_000, t.client.received.size());
        assertEquals(Optional.empty(), t.server.why);
        assertEquals(Optional.empty(), t.client.why);

        Transfer u = new Transfer(w, 0, 9001);
        w.run(Duration.ofSeconds(1));
        u.clientEnd.reading(false);
        u.serverEnd.write(ByteBuffer.allocate(2_000_000));
        u.serverEnd.abort();
        w.run(Duration.ofSeconds(5));
        assertTrue(u.server.why.isPresent());
        assertTrue(u.client.why.isPresent());
    }

    @Test
    void closingAnIdleConnectionEndsTheOtherSideInOrder() {
        SimWorld w = new SimWorld(1);
        Transfer t = new Transfer(w, 10);
        w.run(Duration.ofSeconds(1));
        t.serverEnd.close();
        w.run(Duration.ofSeconds(1));
        assertEquals(Optional.empty(), t.client.why);
    }

    @Test
    void buffersAreOverwrittenAfterTheCall() {
        SimWorld w = new SimWorld(1);
        SimHost b = w.host("b");
        ByteBuffer[] kept = new ByteBuffer[1];
        w.await(
                b.network()
                        .listenTcp(
                                b.at(80),
                                s ->
                                        s.start(
                                                new Recorder() {
                                                    @Override
                                                    public void bytes(ByteBuffer bytes) {
                                                        kept[0] = kept[0] == null ? bytes : kept[0];
                                                    }
                                                })),
                LIMIT);
        TcpSocket s = w.await(w.host("a").network().connectTcp(b.at(80)), LIMIT);
        s.write(ByteBuffer.wrap("first".getBytes()));
        w.run(Duration.ofSeconds(1));
        s.write(ByteBuffer.wrap("other".getBytes()));
        w.run(Duration.ofSeconds(1));
        assertEquals('o', kept[0].get(0));
    }

    @Test
    void aHandlerThatThrowsHasItsSocketClosed() {
        SimWorld w = new SimWorld(1);
        w.strict(false);
        SimHost b = w.host("b");
        w.await(
                b.network()
                        .listenTcp(
                                b.at(80),
                                s -> {
                                    throw new IllegalStateException("acceptor");
                                }),
                LIMIT);
        Recorder r = new Recorder();
        w.await(w.host("a").network().connectTcp(b.at(80)), LIMIT).start(r);
        w.run(Duration.ofSeconds(1));
        assertTrue(r.why.isPresent());
        assertEquals(1, b.counters().get("net.handler-failed"));
    }

    @Test
    void tlsNeedsACertificateThatFits() {
        SimWorld w = new SimWorld(1);
        SimHost b = w.host("b");
        SimNetwork a = w.host("a").network();
        String pin = "ab".repeat(32);
        w.await(b.network().listenTcp(b.at(443), c -> {}), LIMIT);
        TlsOptions pinned = TlsOptions.pinned(pin);
        assertThrows(
                CompletionException.class,
                () -> w.await(a.connectTls(b.at(443), "b", pinned), LIMIT));
        w.tls(b.at(443), "b.example", pin);
        w.await(a.connectTls(b.at(443), "b", pinned), LIMIT);
        w.await(a.connectTls(b.at(443), "b.example", TlsOptions.platform()), LIMIT);
        assertThrows(
                CompletionException.class,
                () -> w.await(a.connectTls(b.at(443), "b", TlsOptions.platform()), LIMIT));
    }

    @Test
    void namesResolve() throws Exception {
        SimWorld w = new SimWorld(1);
        SimNetwork a = w.host("a").network();
        w.host("b");
        w.name("b.example", InetAddress.getByName("192.0.2.9"));
        assertEquals(w.host("b").addresses(), w.await(a.resolve("b"), LIMIT));
        assertEquals("192.0.2.9", w.await(a.resolve("b.example"), LIMIT).get(0).getHostAddress());
        assertEquals(
                InetAddress.getByName("2001:db8::7"),
                w.await(a.resolve("2001:db8::7"), LIMIT).get(0));
        CompletionException e =
                assertThrows(CompletionException.class, () -> w.await(a.resolve("nobody"), LIMIT));
        assertTrue(e.getCause() instanceof UnknownHostException);
    }
}
