// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes of strangers on the port of a real node: each is refused, and nothing else is lost. */
class HostileBytesTest {
    private static final long SEED = 11;
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
        CompletableFuture<Boolean> transfer = new CompletableFuture<>();
        Thread sender =
                new Thread(
                        () -> {
                            try {
                                transfer.complete(Hashed.send(pipe, 32L << 20, 16L << 20));
                            } catch (Exception e) {
                                transfer.completeExceptionally(e);
                            }
                        });
        sender.start();
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
        assertTrue(transfer.get(30, TimeUnit.SECONDS), "seed " + SEED);
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
        } catch (java.net.SocketException e) {
            // refused while we were writing: that is one way to say no
            assertTrue(e.getMessage() != null);
        }
    }

    /** All that a genuine client sent is sent again: no path and no session come of it. */
    @Test
    void aReplayedConnectionProvesNothing() throws Exception {
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread pump = new Thread(() -> record(proxy, recorded));
            pump.setDaemon(true);
            pump.start();
            Peer peer =
                    a.node()
                            .connect(
                                    b.node()
                                            .address()
                                            .withCandidates(
                                                    List.of(
                                                            Endpoint.of(
                                                                    "tcp",
                                                                    "127.0.0.1",
                                                                    proxy.getLocalPort()))))
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS);
            assertTrue(Hashed.send(open(peer), 1L << 20, 1L << 30));
            long paths = paths();
            byte[] again;
            synchronized (recorded) {
                again = recorded.toByteArray();
            }
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

    private void record(ServerSocket proxy, ByteArrayOutputStream into) {
        try (Socket client = proxy.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread back = new Thread(() -> copy(server, client, null));
            back.setDaemon(true);
            back.start();
            copy(client, server, into);
        } catch (IOException e) {
            // the test is over
        }
    }

    private static void copy(Socket from, Socket to, ByteArrayOutputStream also) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (also != null) {
                    synchronized (also) {
                        also.write(buffer, 0, n);
                    }
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // the test is over
        }
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
