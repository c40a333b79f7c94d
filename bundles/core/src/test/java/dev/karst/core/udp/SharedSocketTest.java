// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.core.Counters;
import dev.karst.core.world.RealWorld;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedSocketTest {
    private static final InetSocketAddress PEER = new InetSocketAddress("203.0.113.5", 30000);
    private static final InetSocketAddress OTHER = new InetSocketAddress("203.0.113.6", 30000);
    private final Counters counters = new Counters();
    private static final long MILLI = 1_000_000;

    private final FakeSocket socket = new FakeSocket();
    private final RealWorld world = new RealWorld(counters);
    private final AtomicLong clock = new AtomicLong();
    private final Consent consent = new Consent(clock::get);
    private final SharedSocket shared = new SharedSocket(socket, consent, counters);

    @AfterEach
    void stop() {
        world.close();
    }

    private static ByteBuffer stun(int type, int id, String user) {
        byte[] name = user.getBytes(StandardCharsets.US_ASCII);
        int padded = name.length + 3 & ~3;
        ByteBuffer b = ByteBuffer.allocate(20 + 4 + padded);
        b.putShort((short) type).putShort((short) (4 + padded)).putInt(0x2112A442);
        b.putLong(id).putInt(id);
        b.putShort((short) 6).putShort((short) name.length).put(name);
        return b.rewind();
    }

    private static ByteBuffer data(int first) {
        return ByteBuffer.allocate(30).put(0, (byte) first);
    }

    @Test
    void everyoneIsToldWhatIsHis() {
        List<ByteBuffer> a = new ArrayList<>();
        List<ByteBuffer> b = new ArrayList<>();
        List<ByteBuffer> flow = new ArrayList<>();
        UdpSocket first = shared.punch("aaaa1111");
        UdpSocket second = shared.punch("bbbb2222");
        first.start(FakeSocket.into(a));
        second.start(FakeSocket.into(b));
        assertThrows(IllegalStateException.class, () -> shared.flow(PEER), "nobody answered yet");
        consent.answered(PEER);
        DatagramFlow unheard = shared.flow(PEER);
        shared.flow(PEER).start(FakeSocket.into(flow));
        assertFalse(unheard.send(data(0x40)), "a newer attempt has the place");
        assertThrows(IllegalStateException.class, () -> shared.punch("aaaa1111"));

        socket.handler.datagram(PEER, stun(0x0001, 1, "aaaa1111:zzzz"));
        socket.handler.datagram(OTHER, stun(0x0001, 2, "bbbb2222:zzzz"));
        socket.handler.datagram(OTHER, stun(0x0001, 3, "cccc3333:zzzz"));
        socket.handler.datagram(OTHER, stun(0x0001, 3, "bbbb2222")); // no colon
        second.send(PEER, stun(0x0001, 9, "zzzz:bbbb2222"));
        socket.handler.datagram(PEER, stun(0x0101, 9, ""));
        socket.handler.datagram(PEER, stun(0x0101, 10, ""));
        socket.handler.datagram(PEER, data(0x40));
        socket.handler.datagram(OTHER, data(0x40));
        assertThrows(IllegalStateException.class, () -> shared.flow(PEER), "in use");
        assertEquals(1, a.size());
        assertEquals(2, b.size());
        assertEquals(1, flow.size());
        assertEquals(2, counters.get("udp.unclaimed-stun"));
        assertEquals(1, counters.get("udp.stray-stun"));
        assertEquals(1, counters.get("udp.unclaimed"));
    }

    @Test
    void whereServersSawThePeerPortsAreTriedByTheHundred() {
        UdpSocket punch = shared.punch("aaaa1111");
        shared.spread(PEER.getAddress());
        int one = 0;
        for (int i = 0; i < 2_000; i++) {
            clock.addAndGet(MILLI);
            one += punch.send(PEER, stun(0x0001, i, "x:y")) ? 1 : 0;
        }
        assertTrue(one >= Consent.SPREAD && one < Consent.SPREAD + 5, one + " packets");
        int all = one;
        for (int i = 0; i < 2_000; i++) {
            InetSocketAddress port = new InetSocketAddress(PEER.getAddress(), 1_024 + i);
            clock.addAndGet(2 * MILLI);
            all += punch.send(port, stun(0x0001, 2_000 + i, "x:y")) ? 1 : 0;
        }
        assertTrue(all >= Consent.PER_ADDRESS && all < Consent.PER_ADDRESS + 15, all + " packets");
        int elsewhere = 0;
        for (int i = 0; i < 100; i++) {
            elsewhere += punch.send(OTHER, stun(0x0001, 5_000 + i, "x:y")) ? 1 : 0;
        }
        assertEquals(Consent.UNANSWERED, elsewhere);
    }

    @Test
    void whoNeverAnsweredGetsTwentyPackets() {
        UdpSocket punch = shared.punch("aaaa1111");
        UdpSocket again = shared.punch("bbbb2222");
        int taken = 0;
        for (int i = 0; i < 40; i++) {
            UdpSocket by = i % 2 == 0 ? punch : again;
            taken += by.send(PEER, stun(0x0001, i, "z:a")) ? 1 : 0;
        }
        assertEquals(20, taken);
        assertEquals(20, counters.get("udp.no-consent"));
        assertTrue(punch.send(OTHER, stun(0x0001, 50, "z:a")), "others are not affected");
        assertFalse(punch.send(PEER, stun(0x0101, 51, "")), "answers count as well");
        socket.handler.datagram(OTHER, stun(0x0101, 3, "")); // a forged source
        assertFalse(consent.given(OTHER));
        socket.handler.datagram(PEER, stun(0x0111, 4, "")); // an error
        assertFalse(consent.given(PEER));
        socket.handler.datagram(PEER, stun(0x0101, 5, ""));
        for (int i = 100; i < 140; i++) {
            assertTrue(punch.send(PEER, stun(0x0001, i, "z:a")), "he answered");
        }
        assertFalse(punch.send(PEER, data(0x40)), "STUN only");
    }

    @Test
    void strangersShareTheNodesBudget() {
        UdpSocket punch = shared.punch("aaaa1111");
        int atOnce = 0;
        int later = 0;
        for (int i = 0; i < 2_000; i++) {
            InetSocketAddress to =
                    new InetSocketAddress("198.51." + i / 200 + "." + i % 200, 1_000);
            atOnce += punch.send(to, stun(0x0001, i, "z:a")) ? 1 : 0;
        }
        assertEquals(Consent.PER_SECOND, atOnce);
        consent.answered(PEER);
        assertTrue(punch.send(PEER, stun(0x0001, 3_000, "z:a")), "who answered is no stranger");
        clock.addAndGet(100 * MILLI);
        for (int i = 0; i < 2_000; i++) {
            InetSocketAddress to = new InetSocketAddress("192.0." + i / 200 + "." + i % 200, 1_000);
            later += punch.send(to, stun(0x0001, 5_000 + i, "z:a")) ? 1 : 0;
        }
        assertEquals(Consent.PER_SECOND / 10, later);
    }

    @Test
    void whoDidNotAnswerMayBeAskedAgainLater() {
        UdpSocket punch = shared.punch("aaaa1111");
        int sent = 0;
        while (punch.send(PEER, stun(0x0001, sent, "z:a"))) {
            sent++;
        }
        clock.addAndGet(60_000 * MILLI);
        int more = 0;
        while (punch.send(PEER, stun(0x0001, 100 + more, "z:a"))) {
            more++;
        }
        assertEquals(2, more, "twenty in ten minutes");
    }

    @Test
    void oneAddressHasOneBudgetWhateverThePortsAndSockets() {
        UdpSocket punch = shared.punch("aaaa1111");
        SharedSocket second = new SharedSocket(new FakeSocket(), consent, counters);
        UdpSocket other = second.punch("aaaa1111");
        int taken = 0;
        for (int i = 0; i < 4_000; i++) {
            InetSocketAddress to = new InetSocketAddress("203.0.113.9", 1_000 + i % 500);
            clock.addAndGet(2 * MILLI);
            taken += (i % 2 == 0 ? punch : other).send(to, stun(0x0001, i, "z:a")) ? 1 : 0;
        }
        assertTrue(taken >= Consent.PER_ADDRESS && taken < Consent.PER_ADDRESS + 20, "" + taken);
        assertEquals(0, consent.left(new InetSocketAddress("203.0.113.9", 1).getAddress()));
    }

    @Test
    void whatAPeerSendsALittleEarlyIsKept() {
        UdpSocket punch = shared.punch("aaaa1111");
        socket.handler.datagram(PEER, data(0x41)); // nobody knows him: dropped
        punch.send(PEER, stun(0x0001, 1, "z:a"));
        socket.handler.datagram(PEER, stun(0x0101, 1, ""));
        for (int i = 0; i < 20; i++) {
            socket.handler.datagram(PEER, data(0x42));
        }
        List<ByteBuffer> got = new ArrayList<>();
        Flow flow = shared.flow(PEER);
        flow.start(FakeSocket.into(got));
        assertEquals(8, got.size());
        assertEquals(13, counters.get("udp.unclaimed"));
    }

    @Test
    void aPathThatLivesKeepsItsPlace() {
        consent.answered(PEER);
        assertFalse(shared.taken(PEER));
        Flow flow = shared.flow(PEER);
        assertFalse(shared.taken(PEER), "nothing came yet: another one may try");
        flow.start(FakeSocket.into(new ArrayList<>()));
        socket.handler.datagram(PEER, data(0x40));
        assertTrue(shared.taken(PEER));
        clock.addAndGet(501 * MILLI);
        assertFalse(shared.taken(PEER), "it is dead");
    }

    @Test
    void endsAreTold() {
        List<String> told = new ArrayList<>();
        UdpSocket.Handler h =
                new UdpSocket.Handler() {
                    @Override
                    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                        throw new IllegalStateException("a provider's error");
                    }

                    @Override
                    public void closed() {
                        told.add("closed");
                    }
                };
        consent.answered(PEER);
        consent.answered(OTHER);
        Flow flow = shared.flow(PEER);
        flow.start(h);
        socket.handler.datagram(PEER, data(0x40)); // costs nobody anything
        assertEquals(1, counters.get("net.handler-failed"));
        Flow second = shared.flow(OTHER);
        second.start(h);
        second.close();
        second.close();
        assertEquals(List.of("closed"), told);
        assertFalse(second.send(data(1)));
        shared.flow(OTHER); // free again
        UdpSocket view = shared.punch("aaaa1111");
        view.start(h);
        shared.close();
        assertEquals(List.of("closed", "closed", "closed"), told);
        assertTrue(shared.isOver());
        assertThrows(IllegalStateException.class, () -> shared.flow(PEER));
    }

    @Test
    void fuzz() {
        Random random = new Random(17);
        consent.answered(PEER);
        shared.punch("aaaa1111").start((from, bytes) -> {});
        shared.flow(PEER).start((from, bytes) -> {});
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = stun(random.nextInt(0x4000), i, "aaaa1111:b").array();
            for (int k = random.nextInt(6); k > 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ByteBuffer b = ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1));
            socket.handler.datagram(random.nextBoolean() ? PEER : OTHER, b);
        }
        assertEquals(0, counters.get("net.handler-failed"));
    }
}
