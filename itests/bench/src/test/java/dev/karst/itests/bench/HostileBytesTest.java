// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes of strangers on the port of a real node: each is refused, and nothing else is lost. */
class HostileBytesTest {
    private static final long SEED = 11;
    private static final byte IK = 0;
    private LocalNode a;
    private LocalNode b;
    private int port;

    @BeforeEach
    void start() throws Exception {
        a = new LocalNode();
        b = new LocalNode();
        Hashed.serve(b);
        port = b.node().listening().get(0).port();
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    private static Peer connect(LocalNode from, LocalNode to) throws Exception {
        return from.node().connect(to.address()).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static StreamPipe open(Peer peer) throws Exception {
        return peer.openStream(Hashed.PROTOCOL, PipeOptions.defaults())
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void garbageNeverDisturbsASession() throws Exception {
        StreamPipe pipe = open(connect(a, b));
        Running transfer = new Running(pipe);
        Random random = new Random(SEED);
        byte[] init = new byte[] {1, 1, 0, 0, 0, 0, 0, 0};
        for (int i = 0; i < 120; i++) {
            byte[] body = new byte[1 + random.nextInt(400)];
            random.nextBytes(body);
            switch (i % 5) {
                case 0 -> send(ByteBuffer.wrap(body)); // no framing at all
                case 1 -> send(frame(body)); // a frame of random bytes
                case 2 -> { // looks like an INIT
                    System.arraycopy(init, 0, body, 0, Math.min(init.length, body.length));
                    send(frame(body));
                }
                case 3 -> send(ByteBuffer.allocate(4).putInt(0x7fffffff).flip()); // oversized
                default -> { // a record before any handshake, then cut off
                    body[0] = 5;
                    ByteBuffer f = frame(body);
                    send(f.limit(Math.max(5, f.limit() - 7)));
                }
            }
        }
        assertTrue(transfer.end(), "seed " + SEED);
        assertEquals(PeerState.CONNECTED, a.node().peers().get(0).state());
        assertEquals(1, b.node().peers().size());
        var counters = b.counters().snapshot();
        assertTrue(counters.getOrDefault("tcp.oversized", 0L) > 0, counters.toString());
        assertTrue(counters.getOrDefault("link.bad-handshake", 0L) > 0, counters.toString());
        connect(a, b); // and a newcomer still gets in
    }

    private static ByteBuffer frame(byte[] body) {
        return ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).flip();
    }

    private void send(ByteBuffer bytes) throws IOException {
        try (Socket s = new Socket(InetAddress.getLoopbackAddress(), port)) {
            s.getOutputStream().write(bytes.array(), 0, bytes.limit());
        } catch (SocketException e) {
            // refused while we were writing: that is one way to say no
            assertTrue(e.getMessage() != null);
        }
    }

    /** All that a genuine client sent is sent again: no path and no session come of it. */
    @Test
    void aReplayedConnectionProvesNothing() throws Exception {
        try (Tap tap = new Tap(port, false)) {
            Peer peer = connectThrough(tap, a);
            assertTrue(Hashed.send(open(peer), 1L << 20, 1L << 30));
            long paths = paths();
            byte[] again = Tap.framed(tap.fromClient());
            long refused = refused();
            for (int i = 0; i < 5; i++) {
                try (Socket s = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    s.getOutputStream().write(again);
                    s.setSoTimeout(300);
                    drain(s.getInputStream());
                } catch (IOException e) {
                    // the node closed it
                    assertTrue(again.length > 0);
                }
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> refused() > refused);
            assertEquals(paths, paths());
            assertEquals(1, b.node().peers().size());
            assertTrue(Hashed.send(open(peer), 1L << 20, 1L << 30));
        }
    }

    private long paths() {
        return b.node().peers().stream().mapToLong(p -> p.paths().size()).sum();
    }

    private long refused() {
        return b.counters().get("link.bad-record") + b.counters().get("link.unknown-epoch");
    }

    private static void drain(InputStream in) throws IOException {
        byte[] buffer = new byte[4096];
        while (in.read(buffer) >= 0) {
            continue; // what the node says to a ghost does not matter
        }
    }

    private Peer connectThrough(Tap tap, LocalNode from) throws Exception {
        return from.node()
                .connect(b.node().address().withCandidates(List.of(tap.endpoint())))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    /** Genuine frames in every order but the right one, and of two handshakes together. */
    @Test
    void aReorderedHandshakeProvesNothing() throws Exception {
        Peer peer = connect(a, b);
        List<Socket> open = new ArrayList<>();
        try (LocalNode c = new LocalNode(a);
                LocalNode d = new LocalNode(a);
                LocalNode e = new LocalNode(a);
                LocalNode newcomer = new LocalNode(a);
                Tap ik = new Tap(port, false);
                Tap xx = new Tap(port, true);
                Tap other = new Tap(port, true)) {
            Peer victim = connectThrough(ik, c);
            connectThrough(xx, d);
            connectThrough(other, e);
            await().until(() -> ik.frame(Tap.RECORD) != null);
            await().until(() -> xx.frame(Tap.RECORD) != null && other.frame(Tap.FINISH) != null);
            await().until(() -> paths() == 4);
            List<NodeEvent> events = new CopyOnWriteArrayList<>();
            a.node().watch(events::add);
            b.node().watch(events::add);
            Running transfer = new Running(open(peer));
            await().until(() -> transfer.sent() > 1 << 20);
            for (List<byte[]> frames : disorders(ik, xx, other)) {
                open.add(attack(frames));
            }
            // All of them are still open, and someone else gets in.
            assertTrue(Hashed.send(open(connect(newcomer, b)), 1L << 20, 1L << 30));
            long before = transfer.sent();
            await().until(() -> transfer.sent() > before);
            assertTrue(transfer.end());
            assertTrue(Hashed.send(open(victim), 1L << 20, 1L << 30), "the recorded session");
            assertEquals(5, paths());
            assertEquals(5, b.node().peers().size());
            assertEquals(List.of(), events.stream().filter(HostileBytesTest::bad).toList());
            for (Socket s : open) {
                assertNothingMoreWasSaid(s);
            }
        } finally {
            for (Socket s : open) {
                s.close();
            }
        }
    }

    /** Each INIT costs the node curve operations: a stranger gets a few, then the door. */
    @Test
    void endlessHandshakesAreCutOff() throws Exception {
        try (LocalNode d = new LocalNode(a);
                Tap xx = new Tap(port, true)) {
            connectThrough(xx, d);
            await().until(() -> xx.frame(Tap.FINISH) != null);
            List<byte[]> inits = Collections.nCopies(100, xx.frame(Tap.INIT));
            try (Socket s = new Socket(InetAddress.getLoopbackAddress(), port)) {
                s.setSoTimeout(5_000);
                s.getOutputStream().write(Tap.framed(inits));
                drain(s.getInputStream()); // ends: the node closed it
            } catch (SocketException e) {
                assertTrue(e.getMessage() != null); // or reset it, with our bytes unread
            }
        }
        await().until(() -> b.counters().get("link.init-refused") > 0);
    }

    private static boolean bad(NodeEvent e) {
        return e instanceof NodeEvent.PathDown
                || e instanceof NodeEvent.Trouble
                || e instanceof NodeEvent.PeerChanged c && c.state() != PeerState.CONNECTED;
    }

    private static List<List<byte[]>> disorders(Tap ik, Tap xx, Tap other) {
        byte[] init = xx.frame(Tap.INIT);
        byte[] reply = xx.frame(Tap.REPLY);
        byte[] finish = xx.frame(Tap.FINISH);
        byte[] record = xx.frame(Tap.RECORD);
        byte[] initIk = ik.frame(Tap.INIT);
        byte[] recordIk = ik.frame(Tap.RECORD);
        List<List<byte[]>> all = new ArrayList<>();
        all.add(List.of(finish));
        all.add(List.of(record));
        all.add(List.of(reply));
        all.add(List.of(init, init, finish));
        all.add(List.of(initIk, initIk, recordIk));
        all.add(List.of(init, other.frame(Tap.FINISH)));
        all.add(List.of(initIk, finish, record, recordIk));
        all.add(List.of(initIk, init, recordIk, finish));
        all.add(List.of(init, initIk, finish, recordIk));
        orders(List.of(init, reply, finish, record), List.of(), all);
        orders(List.of(initIk, ik.frame(Tap.REPLY), recordIk), List.of(), all);
        return all;
    }

    private static void orders(List<byte[]> rest, List<byte[]> begun, List<List<byte[]>> into) {
        if (rest.isEmpty()) {
            into.add(begun);
        }
        for (byte[] next : rest) {
            List<byte[]> others = new ArrayList<>(rest);
            others.remove(next);
            List<byte[]> more = new ArrayList<>(begun);
            more.add(next);
            orders(others, more, into);
        }
    }

    /** Sends them on a connection of their own; what each does is waited for. */
    private Socket attack(List<byte[]> frames) throws IOException {
        String kinds = frames.stream().map(f -> "" + f[0]).toList().toString();
        Socket s = new Socket(InetAddress.getLoopbackAddress(), port);
        s.setTcpNoDelay(true);
        s.setSoTimeout(10_000);
        DataInputStream in = new DataInputStream(s.getInputStream());
        byte[] init = null;
        boolean keys = false; // of an IK handshake, until a record proves the peer
        for (byte[] f : frames) {
            Map<String, Long> expected = links();
            String counter;
            if (f[0] == Tap.INIT) {
                init = f;
                keys |= f[3] == IK;
                counter = ""; // answered as often as it comes; nothing follows from it
            } else if (f[0] == Tap.REPLY) {
                counter = "link.stray-reply";
            } else if (f[0] == Tap.RECORD) {
                counter = keys ? "link.bad-record" : "link.unknown-epoch";
            } else {
                boolean awaited = init != null && init[3] != IK;
                counter = awaited ? "link.handshake-refused" : "link.stray-finish";
            }
            if (!counter.isEmpty()) {
                expected.merge(counter, 1L, Long::sum);
            }
            s.getOutputStream().write(Tap.framed(List.of(f)));
            if (f[0] == Tap.INIT) {
                assertEquals(Tap.REPLY, in.readNBytes(in.readInt())[0], kinds);
            }
            await(kinds)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertEquals(expected, links()));
            if (counter.equals("link.handshake-refused")) {
                assertEquals(-1, in.read(), "the path is closed: " + kinds);
                break;
            }
        }
        return s;
    }

    private Map<String, Long> links() {
        Map<String, Long> all = new TreeMap<>(b.counters().snapshot());
        all.keySet().removeIf(name -> !name.startsWith("link."));
        return all;
    }

    /** A record would mean that the node took us for somebody. */
    private static void assertNothingMoreWasSaid(Socket s) throws IOException {
        assertEquals(0, s.getInputStream().available());
    }

    @Test
    void aPortInUseIsToldAndTakenWhenItIsFree() throws Exception {
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        try (LocalNode c = new LocalNode("tcp://127.0.0.1:" + taken.getLocalPort())) {
            await().atMost(Duration.ofSeconds(10)).until(() -> !c.troubles().isEmpty());
            String told = c.troubles().get(0).toString();
            assertTrue(told.contains("" + taken.getLocalPort()), told);
            assertTrue(told.contains("listen"), told);
            assertEquals(List.of(), c.node().listening());
            taken.close();
            await().atMost(Duration.ofSeconds(10)).until(() -> !c.node().listening().isEmpty());
            connect(a, b);
        }
    }
}
