// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.lib.stun.turn.RestCredential;
import dev.karst.lib.stun.turn.TurnClient;
import dev.karst.lib.stun.turn.TurnData;
import dev.karst.lib.stun.turn.TurnFailure;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The relay over real sockets. */
class RelayTest {
    private static final byte[] DATA = {1, 2, 3};

    private static TurnListener server(String... settings) {
        Map<String, String> all = new java.util.HashMap<>(Map.of("users", "u:p"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return TurnListener.open(List.of("127.0.0.1"), 0, -1, all);
    }

    /** A client on a blocking socket. */
    private static final class Client implements TurnClient.Events, AutoCloseable {
        final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        final InetSocketAddress server;
        final TurnClient turn;
        final List<String> counted = new ArrayList<>();
        InetSocketAddress relayed;
        TurnFailure over;

        Client(TurnListener listener, String password) throws IOException {
            server = new InetSocketAddress("127.0.0.1", listener.port());
            socket.setSoTimeout(100);
            turn =
                    new TurnClient(
                            new TurnClient.Setup(
                                    new RestCredential("u", password),
                                    true,
                                    false,
                                    new SecureRandom()::nextBytes),
                            this);
            turn.start(System.nanoTime());
        }

        /** Reads until that is so; gives what peers sent last. */
        TurnData until(java.util.function.BooleanSupplier what) throws IOException {
            TurnData last = null;
            for (int i = 0; i < 100 && !what.getAsBoolean(); i++) {
                byte[] b = new byte[2000];
                DatagramPacket p = new DatagramPacket(b, b.length);
                try {
                    socket.receive(p);
                    ByteBuffer in = ByteBuffer.wrap(b, 0, p.getLength());
                    last = turn.received(in, System.nanoTime()).orElse(last);
                    if (last != null) {
                        return last;
                    }
                } catch (SocketTimeoutException e) {
                    turn.wake(System.nanoTime());
                }
            }
            assertTrue(what.getAsBoolean(), "it did not come; over: " + over + " " + counted);
            return null;
        }

        Client allocated() throws IOException {
            until(() -> relayed != null || over != null);
            return this;
        }

        @Override
        public void send(ByteBuffer message) {
            byte[] b = new byte[message.remaining()];
            message.get(b);
            try {
                socket.send(new DatagramPacket(b, b.length, server));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public boolean send(ByteBuffer head, ByteBuffer data) {
            send(ByteBuffer.allocate(2000).put(head).put(data).flip());
            return true;
        }

        @Override
        public void allocated(InetSocketAddress address, Optional<InetSocketAddress> mapped) {
            relayed = address;
        }

        @Override
        public void over(TurnFailure why) {
            over = why;
        }

        @Override
        public void count(String what) {
            counted.add(what);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @Test
    void privatePeersAreRefusedThatOneMayAllow() throws IOException {
        try (TurnListener listener = server();
                DatagramSocket inside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                Client c = new Client(listener, "p").allocated()) {
            InetSocketAddress at = (InetSocketAddress) inside.getLocalSocketAddress();
            inside.setSoTimeout(200);
            c.turn.send(at, ByteBuffer.wrap(DATA), System.nanoTime());
            c.until(() -> !c.counted.isEmpty());
            c.turn.send(at, ByteBuffer.wrap(DATA), System.nanoTime());
            assertThrows(
                    SocketTimeoutException.class,
                    () -> inside.receive(new DatagramPacket(new byte[9], 9)));
            // 127.0.0.1 is where it relays, so what is relayed could be there: not denied, no way.
            assertTrue(listener.counters().containsKey("turn.dropped.denied"));
            List<Optional<TurnFailure>> told = new ArrayList<>();
            c.turn.permit(InetAddress.getByName("169.254.169.254"), told::add, System.nanoTime());
            c.until(() -> !told.isEmpty());
            assertEquals(403, told.get(0).orElseThrow().code());
        }
        try (TurnListener listener = server("allowPeers", "127.0.0.0/8");
                DatagramSocket inside = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                Client c = new Client(listener, "p").allocated()) {
            inside.setSoTimeout(3000);
            InetSocketAddress at = (InetSocketAddress) inside.getLocalSocketAddress();
            c.turn.send(at, ByteBuffer.wrap(DATA), System.nanoTime());
            DatagramPacket p = new DatagramPacket(new byte[9], 9);
            inside.receive(p);
            assertEquals(3, p.getLength());
            assertEquals(c.relayed, p.getSocketAddress());
            inside.send(new DatagramPacket(DATA, 3, p.getSocketAddress()));
            TurnData got = c.until(() -> false);
            assertNotNull(got);
            assertEquals(at, got.peer());
        }
    }

    @Test
    void wrongPasswords() throws IOException {
        try (TurnListener listener = server();
                Client c = new Client(listener, "q").allocated()) {
            assertEquals(401, c.over.code());
            assertEquals(0, listener.counters().get("turn.allocations"));
        }
    }

    @Test
    void withoutUsersThereIsNoRelay() throws IOException {
        try (TurnListener listener =
                        TurnListener.open(List.of("127.0.0.1"), 0, -1, Map.of("users", ""));
                Client c = new Client(listener, "p")) {
            assertEquals(List.of("stun:127.0.0.1:" + listener.port()), listener.urls());
            await().until(() -> listener.counters().containsKey("stun.ignored"));
            assertFalse(c.turn.answered(), "it says nothing");
        }
    }

    private static int openFiles() {
        String[] all = new java.io.File("/proc/self/fd").list();
        return all == null ? 0 : all.length;
    }

    @Test
    void aThousandHalfFinishedClientsLeaveNothing() throws IOException {
        try (TurnListener listener = server("refusals", "100000", "userAllocations", "4000")) {
            int before = openFiles();
            byte[] half =
                    StunMessage.builder(StunClass.REQUEST, StunMethod.ALLOCATE, new byte[12])
                            .with(StunAttributes.REQUESTED_TRANSPORT, 17)
                            .build()
                            .bytes();
            for (int i = 0; i < 1000; i++) {
                if (i % 4 == 0) { // over TCP, cut in the middle of the request
                    try (Socket s = new Socket("127.0.0.1", listener.port())) {
                        s.getOutputStream().write(half, 0, 1 + i % half.length);
                        if (i % 8 == 0) {
                            s.setSoLinger(true, 0);
                        }
                    }
                } else if (i % 4 == 1) { // allocated, and given back
                    try (Client c = new Client(listener, "p").allocated()) {
                        c.turn.close(System.nanoTime());
                        c.until(() -> c.over != null);
                    }
                } else { // asked, never proven
                    try (DatagramSocket s = new DatagramSocket()) {
                        s.send(
                                new DatagramPacket(
                                        half,
                                        half.length,
                                        new InetSocketAddress("127.0.0.1", listener.port())));
                    }
                }
            }
            await().until(() -> listener.counters().get("tcp.connections") == 0);
            await().until(() -> listener.counters().get("turn.allocations") == 0);
            await().until(() -> openFiles() <= before + 5);
        }
    }

    @Test
    void settingsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> server("allowPeers", "localhost"));
        assertThrows(IllegalArgumentException.class, () -> server("relayPorts", "80-90"));
        assertThrows(IllegalArgumentException.class, () -> server("users", "nobody"));
        assertThrows(IllegalArgumentException.class, () -> server("nonsense", "1"));
        assertThrows(
                IllegalArgumentException.class,
                () -> server("tlsPort", "0", "keystore", "/nonexistent"));
        assertFalse(RelayConfig.ranges("x", new String[] {"10.0.0.0/8, ::1"}).isEmpty());
    }
}
