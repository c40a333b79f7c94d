// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final long MS = 1_000_000;
    private final Batches batches = new Batches();

    @Test
    void readsFewAtOnce() {
        for (int i = 0; i < 1_000; i++) {
            assertTrue(batches.arrived(i * MS / 5, 1), "five in a millisecond");
        }
    }

    @Test
    void readsManyTogetherAndFewAtOnceAgain() {
        long now = 0;
        int waiting = 0;
        int turns = 0;
        for (int i = 0; i < 10_000; i++, now += MS / 100) {
            waiting++;
            if (batches.arrived(now, waiting)) {
                turns++;
                waiting = 0;
            }
        }
        assertTrue(turns < 1_000, turns + " turns for 10,000 datagrams");
        assertFalse(batches.arrived(now, 1));
        assertTrue(batches.arrived(now + 50 * MS, 1), "after a silence");
    }
}
