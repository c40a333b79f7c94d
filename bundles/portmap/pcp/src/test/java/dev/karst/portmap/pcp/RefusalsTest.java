// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final KarstException FULL = new KarstException(Code.LIMIT, "full");

    private final Refusals refusals = new Refusals();

    @Test
    void holdsAsLongAsItWasSaid() {
        refusals.add("a", FULL, 30, 0);
        assertEquals("full", refusals.now("a", 29 * SECOND).orElseThrow().getMessage());
        assertTrue(refusals.now("b", 0).isEmpty());
        assertTrue(refusals.now("a", 30 * SECOND).isEmpty());
        refusals.add("a", FULL, 0, 0);
        assertTrue(refusals.now("a", 0).isEmpty());
    }

    @Test
    void butNotForLong() {
        refusals.add("a", FULL, 0xffffffffL, 0);
        assertTrue(refusals.now("a", 119 * SECOND).isPresent());
        assertTrue(refusals.now("a", 120 * SECOND).isEmpty());
    }

    @Test
    void norMany() {
        for (int i = 0; i < 1000; i++) {
            refusals.add("k" + i, FULL, 60, 0);
        }
        assertFalse(refusals.now("k935", 0).isPresent());
        assertTrue(refusals.now("k936", 0).isPresent());
        assertTrue(refusals.now("k999", 0).isPresent());
    }
}
