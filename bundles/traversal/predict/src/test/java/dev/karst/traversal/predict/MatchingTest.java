// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Two machines with nothing between them but what drops packets. */
class MatchingTest {
    private static final String ID = "00112233445566778899aabbccddeeff";
    private static final long TICK = 10_000_000;

    private record Packet(Side to, int socket, InetSocketAddress from, byte[] bytes) {}

    private final Deque<Packet> wire = new ArrayDeque<>();
    private Predicate<Side> drops = s -> false;
    private long now;

    /** Sockets are ports of one address. */
    private final class Side implements Matching.Sink {
        final String name;
        final int base;
        final Matching matching;
        final List<String> won = new ArrayList<>();
        Side other;
        int sent;

        Side(String name, int base, boolean initiator, Random random) {
            this.name = name;
            this.base = base;
            matching =
                    new Matching(
                            initiator,
                            Credentials.of(ID, initiator),
                            Credentials.of(ID, !initiator),
                            random,
                            this);
        }

        InetSocketAddress at(int socket) {
            return new InetSocketAddress("203.0.113.1", base + socket);
        }

        @Override
        public void send(int socket, InetSocketAddress to, byte[] stun) {
            sent++;
            int there = to.getPort() - other.base;
            if (there >= 0 && there < 8 && !drops.test(this)) {
                wire.add(new Packet(other, there, at(socket), stun));
            }
        }

        @Override
        public void heard(int socket, InetSocketAddress from) {}

        @Override
        public void valid(int socket, InetSocketAddress to) {}

        @Override
        public void won(int socket, InetSocketAddress to) {
            won.add((base + socket) + "-" + to.getPort());
        }

        @Override
        public void count(String what) {}
    }

    private final Side a = new Side("a", 1_000, true, new Random(1));
    private final Side b = new Side("b", 2_000, false, new Random(2));

    MatchingTest() {
        a.other = b;
        b.other = a;
    }

    private void run(int ticks) {
        for (int i = 0; i < ticks; i++) {
            while (!wire.isEmpty()) {
                Packet p = wire.poll();
                p.to.matching.receive(now, p.socket, p.from, ByteBuffer.wrap(p.bytes));
            }
            now += TICK;
            a.matching.wake(now);
            b.matching.wake(now);
        }
    }

    @Test
    void bothTakeTheSamePair() {
        a.matching.probe(3, b.at(5));
        run(100);
        assertEquals(List.of("1003-2005"), a.won);
        assertEquals(List.of("2005-1003"), b.won);
    }

    /** Several pairs work at once: one is chosen, and by the initiator. */
    @Test
    void ofManyOneIsChosen() {
        for (int i = 0; i < 8; i++) {
            a.matching.probe(i, b.at(7 - i));
            b.matching.probe(i, a.at(i));
        }
        run(100);
        assertEquals(1, a.won.size());
        assertEquals(1, b.won.size());
        String[] ends = a.won.get(0).split("-");
        assertEquals(ends[1] + "-" + ends[0], b.won.get(0));
    }

    @Test
    void lossIsOvercome() {
        for (int seed = 0; seed < 200; seed++) {
            MatchingTest t = new MatchingTest();
            Random r = new Random(seed);
            t.drops = s -> r.nextInt(3) == 0;
            t.a.matching.probe(0, t.b.at(0));
            t.b.matching.probe(0, t.a.at(0));
            t.a.matching.probe(0, t.b.at(0));
            t.run(300);
            assertEquals(t.a.won.size(), t.b.won.size(), "seed " + seed);
        }
    }

    @Test
    void whoNeverAnswersIsLeft() {
        drops = s -> s == b;
        for (int i = 0; i < 8; i++) {
            a.matching.probe(i, b.at(i));
        }
        run(1_000);
        assertEquals(8, a.sent);
        assertTrue(b.sent <= 8 * 14, b.sent + " packets");
        assertTrue(a.won.isEmpty() && b.won.isEmpty());
    }

    /** Who does not know the attempt gets nothing, not even an answer. */
    @Test
    void forgedAndMutatedChecksDoNothing() {
        Random r = new Random(9);
        a.matching.probe(0, b.at(0));
        Packet good = wire.poll();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.bytes.clone();
            for (int n = 1 + r.nextInt(3); n > 0; n--) {
                bytes[r.nextInt(bytes.length)] ^= (byte) (1 + r.nextInt(255));
            }
            int length = r.nextInt(4) == 0 ? r.nextInt(bytes.length) : bytes.length;
            if (length < bytes.length || !Arrays.equals(bytes, good.bytes)) {
                b.matching.receive(now, 0, a.at(0), ByteBuffer.wrap(bytes, 0, length));
            }
        }
        assertEquals(0, b.sent);
        b.matching.receive(now, 0, a.at(0), ByteBuffer.wrap(good.bytes));
        assertTrue(b.sent > 0);
    }
}
