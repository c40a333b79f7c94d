// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.lib.stun.ChangeRequest;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import dev.karst.lib.stun.server.StunLimits;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The server over real sockets. */
class TurnListenerTest {
    private static final List<String> BOTH = List.of("127.0.0.1", "127.0.0.2");

    private static StunMessageBuilder request() {
        return StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, new byte[12]);
    }

    private static StunMessage read(byte[] bytes, int length) {
        return StunMessage.decode(ByteBuffer.wrap(bytes, 0, length)).message().orElseThrow();
    }

    private static InetSocketAddress at(String ip, int port) {
        return new InetSocketAddress(ip, port);
    }

    /** An answer and where it came from. */
    private record Got(InetSocketAddress from, StunMessage message) {}

    private static void send(DatagramSocket s, InetSocketAddress to, byte[] bytes)
            throws IOException {
        s.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static Got receive(DatagramSocket s) throws IOException {
        s.setSoTimeout(5000);
        DatagramPacket p = new DatagramPacket(new byte[3000], 3000);
        s.receive(p);
        return new Got((InetSocketAddress) p.getSocketAddress(), read(p.getData(), p.getLength()));
    }

    private static Got ask(DatagramSocket s, InetSocketAddress to, StunMessageBuilder b)
            throws IOException {
        send(s, to, b.build().bytes());
        return receive(s);
    }

    private static int error(StunMessage m) {
        return m.get(StunAttributes.ERROR_CODE).map(StunError::code).orElse(0);
    }

    @Test
    void changeRequestInAllFormsFromAllSockets() throws IOException {
        try (TurnListener server = TurnListener.open(BOTH, 0, 0);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0))) {
            int[] ports = {server.port(), server.alternatePort()};
            for (int end = 0; end < 4; end++) {
                InetSocketAddress to = at(BOTH.get(end >> 1), ports[end & 1]);
                for (int flags = 0; flags < 4; flags++) {
                    Got got =
                            ask(
                                    s,
                                    to,
                                    request()
                                            .with(
                                                    StunAttributes.CHANGE_REQUEST,
                                                    new ChangeRequest(
                                                            (flags & 2) != 0, (flags & 1) != 0)));
                    int from = end ^ flags;
                    assertEquals(at(BOTH.get(from >> 1), ports[from & 1]), got.from());
                    assertEquals(
                            Optional.of(got.from()),
                            got.message().get(StunAttributes.RESPONSE_ORIGIN));
                    assertEquals(
                            Optional.of(at(BOTH.get((3 - end) >> 1), ports[(3 - end) & 1])),
                            got.message().get(StunAttributes.OTHER_ADDRESS));
                    assertEquals(
                            Optional.of(s.getLocalSocketAddress()),
                            got.message().get(StunAttributes.XOR_MAPPED_ADDRESS));
                }
            }
            assertEquals(16, server.counters().get("stun.answered"));
        }
    }

    @Test
    void responsePort() throws IOException {
        try (TurnListener server = TurnListener.open(BOTH, 0, 0);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0));
                DatagramSocket other = new DatagramSocket(at("127.0.0.1", 0))) {
            StunMessageBuilder b =
                    request().with(StunAttributes.RESPONSE_PORT, other.getLocalPort());
            send(s, at("127.0.0.1", server.port()), b.build().bytes());
            assertEquals(
                    Optional.of(s.getLocalSocketAddress()),
                    receive(other).message().get(StunAttributes.XOR_MAPPED_ADDRESS));
        }
    }

    @Test
    void paddingOfMoreThanAnMtu() throws IOException {
        try (TurnListener server = TurnListener.open(BOTH, 0, 0);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0))) {
            StunMessageBuilder b = request().with(StunAttributes.PADDING, new byte[1900]);
            Got got = ask(s, at("127.0.0.1", server.port()), b);
            assertEquals(1924, got.message().length());
        }
    }

    @Test
    void oneAddressRefusesWhatItCannot() throws IOException {
        try (TurnListener server = TurnListener.open(List.of("127.0.0.1"), 0, 0);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0))) {
            InetSocketAddress to = at("127.0.0.1", server.port());
            assertFalse(ask(s, to, request()).message().has(StunAttributes.OTHER_ADDRESS));
            Got port =
                    ask(
                            s,
                            to,
                            request()
                                    .with(
                                            StunAttributes.CHANGE_REQUEST,
                                            new ChangeRequest(false, true)));
            assertEquals(at("127.0.0.1", server.alternatePort()), port.from());
            Got ip =
                    ask(
                            s,
                            to,
                            request()
                                    .with(
                                            StunAttributes.CHANGE_REQUEST,
                                            new ChangeRequest(true, false)));
            assertEquals(420, error(ip.message()));
            assertEquals(
                    Optional.of(List.of(3)), ip.message().get(StunAttributes.UNKNOWN_ATTRIBUTES));
        }
    }

    @Test
    void withoutSecondPortEachAddressIsAlone() throws IOException {
        try (TurnListener server = TurnListener.open(BOTH, 0, -1);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0))) {
            for (String ip : BOTH) {
                Got got = ask(s, at(ip, server.port()), request());
                assertEquals(at(ip, server.port()), got.from());
                assertFalse(got.message().has(StunAttributes.OTHER_ADDRESS));
            }
            assertEquals(-1, server.alternatePort());
        }
    }

    @Test
    void anAddressBehindOneToOneNatIsToldAsItIsSeen() throws IOException {
        try (TurnListener server =
                        TurnListener.open(
                                List.of("127.0.0.1/192.0.2.1, 127.0.0.2/192.0.2.2"), 0, 0);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0))) {
            Got got = ask(s, at("127.0.0.1", server.port()), request());
            assertEquals(
                    Optional.of(at("192.0.2.1", server.port())),
                    got.message().get(StunAttributes.RESPONSE_ORIGIN));
            assertEquals(
                    Optional.of(at("192.0.2.2", server.alternatePort())),
                    got.message().get(StunAttributes.OTHER_ADDRESS));
            assertEquals("stun:192.0.2.1:" + server.port(), server.urls().get(0));
        }
    }

    @Test
    void wildcardAndIpv6() throws IOException {
        boolean six = NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null;
        assumeTrue(six, "no ::1 here");
        try (TurnListener server = TurnListener.open(List.of("::"), 0, 0);
                DatagramSocket s4 = new DatagramSocket(at("127.0.0.1", 0));
                DatagramSocket s6 = new DatagramSocket(at("::1", 0))) {
            for (DatagramSocket s : List.of(s4, s6)) {
                InetSocketAddress to = new InetSocketAddress(s.getLocalAddress(), server.port());
                Got got = ask(s, to, request());
                assertEquals(
                        Optional.of(s.getLocalSocketAddress()),
                        got.message().get(StunAttributes.XOR_MAPPED_ADDRESS));
                assertFalse(got.message().has(StunAttributes.RESPONSE_ORIGIN));
            }
        }
        try (TurnListener server = TurnListener.open(List.of("127.0.0.1", "::1"), 0, 0);
                DatagramSocket s = new DatagramSocket(at("::1", 0))) {
            Got got = ask(s, at("::1", server.port()), request());
            assertEquals(
                    Optional.of(got.from()), got.message().get(StunAttributes.RESPONSE_ORIGIN));
            assertFalse(got.message().has(StunAttributes.OTHER_ADDRESS));
            assertEquals(
                    List.of(
                            "stun:127.0.0.1:" + server.port(),
                            "stun:[0:0:0:0:0:0:0:1]:" + server.port()),
                    server.urls());
        }
    }

    @Test
    void tcpInPiecesAndSeveralAtOnce() throws IOException {
        try (TurnListener server = TurnListener.open(BOTH, 0, 0)) {
            for (int end = 0; end < 4; end++) {
                int port = (end & 1) == 0 ? server.port() : server.alternatePort();
                try (Socket s = new Socket(BOTH.get(end >> 1), port)) {
                    s.setSoTimeout(5000);
                    s.setTcpNoDelay(true);
                    byte[] one = request().with(StunAttributes.SOFTWARE, "x").build().bytes();
                    for (byte b : one) {
                        s.getOutputStream().write(b);
                    }
                    assertMapped(s);
                    s.getOutputStream()
                            .write(ByteBuffer.allocate(2 * one.length).put(one).put(one).array());
                    assertMapped(s);
                    assertMapped(s);
                }
            }
            await().until(() -> server.counters().get("tcp.connections") == 0);
        }
    }

    private static void assertMapped(Socket s) throws IOException {
        byte[] head = s.getInputStream().readNBytes(20);
        byte[] all = new byte[20 + (head[2] << 8 | head[3] & 0xff)];
        System.arraycopy(head, 0, all, 0, 20);
        s.getInputStream().readNBytes(all, 20, all.length - 20);
        StunMessage m = read(all, all.length);
        assertEquals(
                Optional.of(s.getLocalSocketAddress()), m.get(StunAttributes.XOR_MAPPED_ADDRESS));
        assertTrue(m.has(StunAttributes.OTHER_ADDRESS));
    }

    @Test
    void whatIsNoStunIsClosedOverTcpAndIgnoredOverUdp() throws IOException {
        try (TurnListener server = TurnListener.open(BOTH, 0, 0);
                DatagramSocket u = new DatagramSocket(at("127.0.0.1", 0));
                Socket s = new Socket("127.0.0.1", server.port())) {
            s.setSoTimeout(5000);
            s.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            assertEquals(-1, s.getInputStream().read());
            assertEquals(1, server.counters().get("tcp.closed.type"));
            InetSocketAddress to = at("127.0.0.1", server.port());
            send(u, to, new byte[0]);
            send(u, to, new byte[5000]);
            send(u, to, "GET /".getBytes());
            send(u, to, request().build().reply(StunClass.SUCCESS).build().bytes());
            ask(u, to, request());
            assertEquals(1, server.counters().get("stun.answered"));
            assertEquals(1, server.counters().get("stun.ignored"));
        }
    }

    @Test
    void theRateHolds() throws IOException {
        ServerConfig config =
                ServerConfig.of(
                        List.of("127.0.0.1"), 0, 0, true, 8, new StunLimits(1, 5, 1000, 10));
        try (TurnListener server = TurnListener.open(config);
                DatagramSocket s = new DatagramSocket(at("127.0.0.1", 0))) {
            for (int i = 0; i < 20; i++) {
                send(s, at("127.0.0.1", server.port()), request().build().bytes());
            }
            for (int i = 0; i < 5; i++) {
                receive(s);
            }
            s.setSoTimeout(100);
            assertThrows(
                    SocketTimeoutException.class,
                    () -> s.receive(new DatagramPacket(new byte[100], 100)));
            assertEquals(15, server.counters().get("stun.limited"));
        }
    }

    @Test
    void silentConnectionsMakeRoom() throws IOException {
        ServerConfig config =
                ServerConfig.of(List.of("127.0.0.1"), 0, -1, true, 3, StunLimits.DEFAULT);
        List<Socket> all = new ArrayList<>();
        try (TurnListener server = TurnListener.open(config)) {
            for (int i = 0; i < 10; i++) {
                Socket s = new Socket("127.0.0.1", server.port());
                s.setSoTimeout(5000);
                all.add(s);
            }
            for (int i = 0; i < 7; i++) {
                assertEquals(-1, all.get(i).getInputStream().read());
            }
            assertEquals(7, server.counters().get("tcp.closed.full"));
            assertEquals(3, server.counters().get("tcp.connections"));
        } finally {
            for (Socket s : all) {
                s.close();
            }
        }
    }

    @Test
    void aTakenPortIsNamedAndNothingStaysBound() throws IOException {
        int port;
        try (TurnListener server = TurnListener.open(BOTH, 0, 0)) {
            port = server.port();
            IllegalStateException e =
                    assertThrows(
                            IllegalStateException.class,
                            () -> TurnListener.open(List.of("127.0.0.1"), port, -1));
            assertTrue(e.getMessage().contains("UDP 127.0.0.1 port " + port), e.getMessage());
        }
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"))) {
            IllegalStateException e =
                    assertThrows(
                            IllegalStateException.class, () -> TurnListener.open(BOTH, port, -1));
            assertTrue(
                    e.getMessage().contains("TCP 127.0.0.2 port " + taken.getLocalPort()),
                    e.getMessage());
        }
        for (int i = 0; i < 20; i++) { // at once and again: nothing is left of the former
            TurnListener.open(BOTH, port, -1).close();
        }
        assertFalse(
                Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(t -> t.getName().equals("karst-server-turn")));
    }
}
