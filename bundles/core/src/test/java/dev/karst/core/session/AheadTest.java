// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AheadTest {
    private static ByteBuffer bytes(long from, int n) {
        ByteBuffer b = ByteBuffer.allocate(n);
        for (int i = 0; i < n; i++) {
            b.put((byte) (from + i));
        }
        return b.flip();
    }

    @Test
    void waitsForWhatComesBefore() {
        Ahead ahead = new Ahead();
        assertTrue(ahead.keep(10, bytes(10, 5)));
        assertTrue(ahead.keep(15, bytes(15, 5)));
        assertNull(ahead.next(9));
        assertEquals(bytes(10, 5), ahead.next(10));
        assertEquals(bytes(15, 5), ahead.next(15));
        assertNull(ahead.next(20));
    }

    @Test
    void isOneRun() {
        Ahead ahead = new Ahead();
        assertTrue(ahead.keep(10, bytes(10, 5)));
        assertFalse(ahead.keep(16, bytes(16, 5)), "a second gap");
        assertFalse(ahead.keep(10, bytes(10, 5)), "a repetition");
        assertFalse(ahead.keep(15, bytes(15, 0)));
    }

    @Test
    void leavesOutWhatWasSentAgain() {
        Ahead ahead = new Ahead();
        ahead.keep(10, bytes(10, 5));
        ahead.keep(15, bytes(15, 5));
        assertEquals(bytes(17, 3), ahead.next(17));
        ahead.keep(30, bytes(30, 5));
        assertNull(ahead.next(35));
        assertTrue(ahead.keep(50, bytes(50, 1)), "that run is over");
    }

    /** Two paths, each in order, interleaved by chance; the older is sent again now and then. */
    @Test
    void givesTheStreamWhateverTheInterleaving() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            Ahead ahead = new Ahead();
            long from = 1 + random.nextInt(50);
            long end = from + 1 + random.nextInt(50);
            long received = 0;
            long old = 0;
            long fresh = from;
            while (received < end) {
                boolean byNew = fresh < end && (old >= from || random.nextBoolean());
                long at = byNew ? fresh : Math.max(0, old - random.nextInt(3));
                int n = 1 + random.nextInt(9);
                n = (int) Math.min(n, (byNew ? end : end + 5) - at);
                ByteBuffer b = bytes(at, n);
                if (byNew) {
                    fresh += n;
                } else {
                    old = Math.max(old, at + n);
                }
                if (at > received) {
                    assertTrue(ahead.keep(at, b), "seed " + seed);
                    continue;
                }
                received = Math.max(received, at + n);
                for (ByteBuffer a = ahead.next(received); a != null; a = ahead.next(received)) {
                    assertEquals(bytes(received, a.remaining()), a, "seed " + seed);
                    received += a.remaining();
                }
            }
        }
    }
}
