// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DatagramTunnelTest {
    private TunnelWorld world;
    private DatagramSocket service;

    @BeforeEach
    void build() throws IOException {
        world = new TunnelWorld(TunnelWorld.settings(1024, 2, 1));
        service = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        world.go(
                () -> {
                    DatagramPacket p = new DatagramPacket(new byte[65536], 65536);
                    while (true) {
                        p.setLength(65536);
                        service.receive(p);
                        service.send(p);
                    }
                });
    }

    @AfterEach
    void tearDown() throws IOException {
        service.close();
        world.close();
    }

    private SocketAddress tunnel() throws Exception {
        world.far.expose(
                "echo", "udp://127.0.0.1:" + service.getLocalPort(), Set.of(world.nearNode.id()));
        int port = world.forward("udp://127.0.0.1:0", "echo").listen().port();
        return new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        s.setSoTimeout(5_000);
        return s;
    }

    private static void send(DatagramSocket s, SocketAddress to, byte[] bytes) throws IOException {
        s.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static String receive(DatagramSocket s) throws IOException {
        DatagramPacket p = new DatagramPacket(new byte[65536], 65536);
        s.receive(p);
        return new String(p.getData(), 0, p.getLength());
    }

    @Test
    void echoesToEachSourceIncludingTheFirstDatagram() throws Exception {
        SocketAddress at = tunnel();
        try (DatagramSocket a = client();
                DatagramSocket b = client()) {
            send(a, at, "from a".getBytes());
            send(b, at, "from b".getBytes());
            assertEquals("from a", receive(a));
            assertEquals("from b", receive(b));
            assertEquals(2, world.near.forwarded().get(0).traffic().active());
        }
    }

    @Test
    void longerThanThePipeIsDroppedAndCounted() throws Exception {
        SocketAddress at = tunnel();
        try (DatagramSocket a = client()) {
            send(a, at, "opens".getBytes());
            assertEquals("opens", receive(a));
            send(a, at, new byte[MemoryPipes.Datagrams.MAX + 1]);
            send(a, at, "fits".getBytes());
            assertEquals("fits", receive(a));
            assertEquals(1, world.nearScopes.count("tunnel.udp-oversized"));
            assertEquals(1, world.near.forwarded().get(0).traffic().dropped());
        }
    }

    @Test
    void moreSourcesThanTheLimitAreDropped() throws Exception {
        SocketAddress at = tunnel();
        try (DatagramSocket a = client();
                DatagramSocket b = client();
                DatagramSocket c = client()) {
            send(a, at, "a".getBytes());
            assertEquals("a", receive(a));
            send(b, at, "b".getBytes());
            assertEquals("b", receive(b));
            send(c, at, "c".getBytes());
            await().until(() -> world.nearScopes.count("tunnel.udp-sources") == 1);
            assertEquals(1, world.near.forwarded().get(0).traffic().refused());
        }
    }

    @Test
    void idleSourcesAreForgottenAndComeBack() throws Exception {
        SocketAddress at = tunnel();
        try (DatagramSocket a = client()) {
            send(a, at, "one".getBytes());
            assertEquals("one", receive(a));
            await().until(() -> world.near.forwarded().get(0).traffic().active() == 0);
            await().until(() -> world.far.exposed().get(0).traffic().active() == 0);
            send(a, at, "two".getBytes());
            assertEquals("two", receive(a));
            assertEquals(2, world.near.forwarded().get(0).traffic().opened());
        }
    }

    @Test
    void deniedSourceDoesNotRetryWithEachDatagram() throws Exception {
        world.far.expose("echo", "udp://127.0.0.1:9", Set.of(world.farNode.id()));
        int port = world.forward("udp://:0", "echo").listen().port();
        SocketAddress at = new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (DatagramSocket a = client()) {
            for (int i = 0; i < 10; i++) {
                send(a, at, "x".getBytes());
            }
            // The one that asked waits for the pipe and goes with it.
            await().until(() -> world.near.forwarded().get(0).traffic().dropped() >= 9);
            assertEquals(1, world.nearNode.connects.get());
            // After a pause the next datagram asks again.
            await().until(
                            () -> {
                                send(a, at, "x".getBytes());
                                return world.nearNode.connects.get() == 2;
                            });
        }
    }
}
