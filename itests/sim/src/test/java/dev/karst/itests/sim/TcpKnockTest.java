// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.Streams.Recorder;
import dev.karst.spi.net.TcpSocket;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Connecting from chosen ports, both at once, and what TCP says to what it did not expect. */
class TcpKnockTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final SimWorld w = new SimWorld(1);
    private final SimHost a = w.host("a");
    private final SimHost b = w.host("b");

    private static CompletableFuture<TcpSocket> connect(
            SimHost from, int port, SimHost to, int remote) {
        return from.network().connectTcp(from.at(port), to.at(remote)).toCompletableFuture();
    }

    private static Throwable failure(CompletableFuture<?> f) {
        return assertThrows(CompletionException.class, f::join).getCause();
    }

    private void talk(TcpSocket x, TcpSocket y) {
        Recorder rx = new Recorder();
        Recorder ry = new Recorder();
        x.start(rx);
        y.start(ry);
        x.write(ByteBuffer.wrap("from x".getBytes()));
        y.write(ByteBuffer.wrap("from y".getBytes()));
        w.run(Duration.ofSeconds(1));
        assertEquals("from y", rx.received.toString());
        assertEquals("from x", ry.received.toString());
        x.close();
        y.close();
        w.run(Duration.ofSeconds(3));
        assertTrue(rx.closed() && ry.closed());
        assertTrue(rx.why.isEmpty() && ry.why.isEmpty(), rx.why + " " + ry.why);
    }

    @Test
    void synMeetsSyn() {
        for (int skew : new int[] {0, 1, 5, 9}) {
            int port = 4000 + skew;
            CompletableFuture<TcpSocket> x = connect(a, port, b, port);
            w.run(Duration.ofMillis(skew));
            CompletableFuture<TcpSocket> y = connect(b, port, a, port);
            w.run(Duration.ofSeconds(1));
            assertEquals(1, w.tcpFlows().size(), "one connection: " + w.tcpFlows());
            assertEquals("a", w.tcpFlows().get(0).client());
            talk(x.join(), y.join());
            w.run(Duration.ofMinutes(3));
            assertEquals(List.of(), w.tcpFlows());
        }
    }

    @Test
    void synMeetsSynOverBadLinks() {
        for (int seed = 0; seed < 200; seed++) {
            SimWorld bad = new SimWorld(seed);
            bad.defaultProfile(
                    LinkProfile.of(Duration.ofMillis(20))
                            .withJitter(Duration.ofMillis(20))
                            .withLoss(0.2));
            SimHost x = bad.host("a");
            SimHost y = bad.host("b");
            CompletableFuture<TcpSocket> fx = connect(x, 4000, y, 5000);
            CompletableFuture<TcpSocket> fy = connect(y, 5000, x, 4000);
            boolean both = bad.runs(() -> fx.isDone() && fy.isDone(), Duration.ofMinutes(3));
            assertTrue(both, "seed " + seed);
            Recorder rx = new Recorder();
            Recorder ry = new Recorder();
            fx.join().start(rx);
            fy.join().start(ry);
            fx.join().write(ByteBuffer.wrap("hello".getBytes()));
            fy.join().write(ByteBuffer.wrap("there".getBytes()));
            boolean heard =
                    bad.runs(
                            () -> rx.received.size() == 5 && ry.received.size() == 5,
                            Duration.ofMinutes(3));
            assertTrue(heard, "seed " + seed);
        }
    }

    @Test
    void aCutFindsBothEndsOfSuchAConnection() {
        CompletableFuture<TcpSocket> x = connect(a, 4000, b, 4000);
        CompletableFuture<TcpSocket> y = connect(b, 4000, a, 4000);
        w.run(Duration.ofSeconds(1));
        Recorder rx = new Recorder();
        Recorder ry = new Recorder();
        x.join().start(rx);
        y.join().start(ry);
        w.cutTcp(f -> f.client().equals("a"), Cut.SERVER_ONLY);
        w.run(Duration.ofSeconds(1));
        assertTrue(ry.closed());
        assertFalse(rx.closed());
    }

    @Test
    void onePortServesSeveralConnectionsAndAListener() {
        SimHost c = w.host("c");
        List<TcpSocket> accepted = new ArrayList<>();
        w.await(a.network().listenTcp(a.at(4000), accepted::add), LIMIT);
        w.await(b.network().listenTcp(b.at(80), s -> {}), LIMIT);
        w.await(c.network().listenTcp(c.at(80), s -> {}), LIMIT);
        assertEquals(4000, w.await(connect(a, 4000, b, 80), LIMIT).local().getPort());
        assertEquals(4000, w.await(connect(a, 4000, c, 80), LIMIT).local().getPort());
        w.await(b.network().connectTcp(a.at(4000)), LIMIT);
        w.run(Duration.ofSeconds(1));
        assertEquals(1, accepted.size());
        CompletableFuture<TcpSocket> again = connect(a, 4000, b, 80);
        w.run(Duration.ofSeconds(1));
        assertTrue(failure(again) instanceof BindException);
    }

    @Test
    void aPortMayBeTriedAgainAfterARefusal() {
        CompletableFuture<TcpSocket> refused = connect(a, 4000, b, 4000);
        w.run(Duration.ofSeconds(1));
        assertTrue(failure(refused) instanceof ConnectException);
        CompletableFuture<TcpSocket> x = connect(a, 4000, b, 4000);
        CompletableFuture<TcpSocket> y = connect(b, 4000, a, 4000);
        w.run(Duration.ofSeconds(1));
        talk(x.join(), y.join());
    }

    @Test
    void aSynAckForAnAttemptOfBeforeIsReset() {
        List<TcpSocket> accepted = new ArrayList<>();
        w.await(b.network().listenTcp(b.at(80), accepted::add), LIMIT);
        SimNetwork first = a.network();
        first.connectTcp(a.at(4000), b.at(80));
        w.run(Duration.ofMillis(12)); // the SYN arrived, its answer is under way
        first.close();
        // what b holds is an attempt that nobody knows any more; the new one must come through
        CompletableFuture<TcpSocket> x = connect(a, 4000, b, 80);
        w.run(Duration.ofSeconds(5));
        talk(x.join(), accepted.get(accepted.size() - 1));
    }

    @Test
    void aHostThatCrashedAndKnocksAgainIsLetIn() {
        List<Recorder> seen = new ArrayList<>();
        w.await(
                b.network()
                        .listenTcp(
                                b.at(80),
                                s -> {
                                    Recorder r = new Recorder();
                                    seen.add(r);
                                    s.start(r);
                                }),
                LIMIT);
        w.await(connect(a, 4000, b, 80), LIMIT);
        w.run(Duration.ofSeconds(1));
        a.crash();
        CompletableFuture<TcpSocket> x = connect(a, 4000, b, 80);
        w.run(Duration.ofSeconds(5));
        assertTrue(x.join().local().getPort() == 4000);
        assertTrue(seen.get(0).why.isPresent(), "the old connection was reset by the challenge");
        assertEquals(2, seen.size());
        assertFalse(seen.get(1).closed());
    }

    @Test
    void aResetThatDoesNotFitIsIgnored() {
        w.await(b.network().listenTcp(b.at(80), s -> s.start(new Recorder())), LIMIT);
        Recorder r = new Recorder();
        w.await(connect(a, 4000, b, 80), LIMIT).start(r);
        CompletableFuture<TcpSocket> connecting = connect(a, 4001, w.host("nobody"), 80);
        w.host("nobody").plugged(false);
        Packet.Segment s = new Packet.Segment(Packet.Kind.RST, 0, 0, 0, new byte[0], 4711, 4712);
        a.receive(new Packet(b.at(80), a.at(4000), 0, s));
        a.receive(new Packet(w.host("nobody").at(80), a.at(4001), 0, s));
        w.run(Duration.ofSeconds(1));
        assertFalse(r.closed());
        assertFalse(connecting.isDone());
    }

    @Test
    void icmpErrorsShowAsInTheJdkWhileConnecting() {
        for (Packet.Unreachable u : Packet.Unreachable.values()) {
            SimWorld v = new SimWorld(1);
            SimHost x = v.host("a");
            Station gate =
                    new Station() {
                        @Override
                        public String name() {
                            return "gate";
                        }

                        @Override
                        public void receive(Packet p) {
                            Packet.IcmpError e = new Packet.IcmpError(u, p);
                            v.internet().send(this, new Packet(p.to(), p.from(), p.flow(), e));
                        }
                    };
            SimHost y = v.host("b");
            v.internet().attach(y.addresses().get(0), gate);
            CompletableFuture<TcpSocket> f = connect(x, 4000, y, 80);
            v.run(Duration.ofSeconds(1));
            Throwable t = failure(f);
            if (u == Packet.Unreachable.PORT) {
                assertTrue(t instanceof ConnectException, t.toString());
            } else {
                assertTrue(t instanceof NoRouteToHostException, t.toString());
                assertEquals("No route to host", t.getMessage());
            }
        }
    }

    @Test
    void oneSeedIsOneStory() {
        assertEquals(story(5), story(5));
    }

    private static long story(long seed) {
        SimWorld v = new SimWorld(seed);
        v.defaultProfile(LinkProfile.of(Duration.ofMillis(20)).withLoss(0.3));
        connect(v.host("a"), 4000, v.host("b"), 4000);
        connect(v.host("b"), 4000, v.host("a"), 4000);
        v.run(Duration.ofMinutes(1));
        return v.digest();
    }
}
