// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoteTest {
    private static final List<InetSocketAddress> PLACES =
            List.of(
                    new InetSocketAddress("203.0.113.1", 65_000),
                    new InetSocketAddress("2001:db8::1", 4000));

    @Test
    void comesBackAsItWent() {
        Note ask = Note.ask(-5, PLACES);
        for (Note n : List.of(ask, Note.reply(ask, Long.MAX_VALUE, PLACES), Note.go(7))) {
            assertEquals(n, Note.read(n.bytes()).orElseThrow());
        }
    }

    @Test
    void placesThatCannotBeAreLeftOut() {
        List<InetSocketAddress> bad =
                List.of(
                        new InetSocketAddress("127.0.0.1", 1),
                        new InetSocketAddress("0.0.0.0", 1),
                        new InetSocketAddress("224.0.0.1", 1),
                        new InetSocketAddress("203.0.113.1", 0));
        assertTrue(Note.read(Note.ask(1, bad).bytes()).orElseThrow().places().isEmpty());
    }

    @Test
    void strangeBytesAreNone() {
        byte[] valid = Note.reply(Note.ask(1, PLACES), 2, PLACES).bytes();
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = valid.clone();
            if (random.nextBoolean()) {
                bytes = new byte[random.nextInt(64)];
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                Note.read(bytes).ifPresent(n -> assertTrue(n.places().size() <= Note.MOST));
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void theShortestRoundTripTellsTheTime() {
        Clocks c = new Clocks();
        c.sample(1_000, 501_100, 1_400); // 100 there, 300 back
        c.sample(2_000, 502_050, 2_100); // 50 each way
        c.sample(3_000, 503_900, 4_000);
        assertEquals(100, c.rtt());
        assertEquals(510_000, c.theirs(10_000));
        assertEquals(3, c.samples());
    }
}
