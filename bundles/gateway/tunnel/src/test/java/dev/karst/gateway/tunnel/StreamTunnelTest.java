// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamTunnelTest {
    private TunnelWorld world;

    @BeforeEach
    void build() throws IOException {
        world = new TunnelWorld();
    }

    @AfterEach
    void tearDown() throws IOException {
        world.close();
    }

    @Test
    void carriesEveryByteBothWaysAtOnce() throws Exception {
        int mib = 32;
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        Future<byte[]> sentUp = world.go(() -> send(client, 7, mib));
        Future<byte[]> sentDown = world.go(() -> send(service, 8, mib));
        Future<byte[]> gotUp = world.go(() -> receive(service));
        Future<byte[]> gotDown = world.go(() -> receive(client));
        assertArrayEquals(sentUp.get(), gotUp.get());
        assertArrayEquals(sentDown.get(), gotDown.get());

        await().until(() -> world.near.forwarded().get(0).traffic().active() == 0);
        await().until(() -> world.far.exposed().get(0).traffic().active() == 0);
        var traffic = world.near.forwarded().get(0).traffic();
        assertEquals((long) mib << 20, traffic.bytesOut());
        assertEquals((long) mib << 20, traffic.bytesIn());
        assertEquals(1, traffic.opened());
    }

    @Test
    void clientMayEndItsHalfFirst() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        client.getOutputStream().write("question".getBytes());
        client.shutdownOutput();
        assertEquals("question", new String(service.getInputStream().readAllBytes()));
        service.getOutputStream().write("answer".getBytes());
        service.close();
        assertEquals("answer", new String(client.getInputStream().readAllBytes()));
    }

    @Test
    void serviceMayEndItsHalfFirst() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        service.getOutputStream().write("banner".getBytes());
        service.shutdownOutput();
        assertEquals("banner", new String(client.getInputStream().readAllBytes()));
        client.getOutputStream().write("much later".getBytes());
        client.close();
        assertEquals("much later", new String(service.getInputStream().readAllBytes()));
    }

    @Test
    void slowReaderHoldsTheWriterBack() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        Future<byte[]> sent = world.go(() -> send(client, 9, 64));
        // Everything between the two kernels fills up, then nothing moves.
        long[] last = {-1};
        await().pollInterval(200, TimeUnit.MILLISECONDS)
                .atMost(20, TimeUnit.SECONDS)
                .until(
                        () -> {
                            long now = world.near.forwarded().get(0).traffic().bytesOut();
                            boolean still = now > 0 && now == last[0];
                            last[0] = now;
                            return still;
                        });
        assertTrue(!sent.isDone(), "the writer was not held back");
        world.farNode.streams.forEach(
                s -> assertTrue(s.mostUnaccepted <= 256 << 10, "pipe writes " + s.mostUnaccepted));
        int bound = (256 << 10) + StreamBridge.DEMAND * (16 << 10);
        world.farScopes.sockets.forEach(
                s -> assertTrue(s.mostQueued() <= bound, "socket queue " + s.mostQueued()));
        assertArrayEquals(world.go(() -> receive(service)).get(), sent.get());
    }

    @Test
    void manyConnectionsAtOnce() throws Exception {
        int n = 200;
        int port = world.tunnel();
        world.go(
                () -> {
                    while (true) {
                        Socket s = world.accept();
                        world.go(() -> s.getInputStream().transferTo(s.getOutputStream()));
                    }
                });
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            clients.add(TunnelWorld.connect(port));
        }
        for (int i = 0; i < n; i++) {
            clients.get(i).getOutputStream().write(("hello " + i).getBytes());
        }
        for (int i = 0; i < n; i++) {
            byte[] expected = ("hello " + i).getBytes();
            byte[] got = new byte[expected.length];
            new DataInputStream(clients.get(i).getInputStream()).readFully(got);
            assertArrayEquals(expected, got);
        }
        assertEquals(n, world.near.forwarded().get(0).traffic().active());
        for (Socket s : clients) {
            s.close();
        }
    }

    @Test
    void resetOfTheClientReachesTheService() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        client.getOutputStream().write(1);
        assertEquals(1, service.getInputStream().read());
        client.setSoLinger(true, 0);
        client.close();
        assertThrows(SocketException.class, () -> service.getInputStream().read());
        await().until(() -> world.far.exposed().get(0).traffic().active() == 0);
        await().until(() -> world.near.forwarded().get(0).traffic().active() == 0);
    }

    @Test
    void resetOfTheServiceReachesTheClient() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        service.getOutputStream().write(1);
        assertEquals(1, client.getInputStream().read());
        service.setSoLinger(true, 0);
        service.close();
        assertThrows(SocketException.class, () -> client.getInputStream().read());
    }

    @Test
    void resetAfterHalfCloseIsStillAReset() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        client.shutdownOutput();
        assertEquals(-1, service.getInputStream().read());
        service.setSoLinger(true, 0);
        service.close();
        assertThrows(SocketException.class, () -> client.getInputStream().read());
    }

    @Test
    void resetBehindAnEndStopsTheWriter() throws Exception {
        Socket client = TunnelWorld.connect(world.tunnel());
        Socket service = world.accept();
        service.shutdownOutput();
        assertEquals(-1, client.getInputStream().read());
        service.setSoLinger(true, 0);
        service.close();
        await().atMost(5, TimeUnit.SECONDS)
                .until(
                        () -> {
                            try {
                                client.getOutputStream().write(1);
                                return false;
                            } catch (SocketException e) {
                                return true;
                            }
                        });
    }

    @Test
    void silenceOfTheServiceIsAResetAndCounted() throws Exception {
        int port = world.tunnel();
        world.service.close();
        TunnelWorld.assertReset(port);
        await().until(() -> world.far.exposed().get(0).traffic().failed() == 1);
        assertTrue(world.far.exposed().get(0).traffic().lastFailure().contains("does not answer"));
    }

    private static byte[] send(Socket to, long seed, int mib) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Random random = new Random(seed);
        OutputStream out = to.getOutputStream();
        byte[] block = new byte[1 << 16];
        for (int i = 0; i < mib << 4; i++) {
            random.nextBytes(block);
            digest.update(block);
            out.write(block);
        }
        to.shutdownOutput();
        return digest.digest();
    }

    private static byte[] receive(Socket from) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        InputStream in = from.getInputStream();
        byte[] block = new byte[1 << 16];
        for (int n; (n = in.read(block)) >= 0; ) {
            digest.update(block, 0, n);
        }
        return digest.digest();
    }
}
