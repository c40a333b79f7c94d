// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochTest {
    private static final long SECOND = 1_000_000_000L;

    /** The figures of RFC 6886 section 3.6 and RFC 6887 section 8.5, at and beyond their limits. */
    @ParameterizedTest
    @CsvSource({
        // rule, seconds here, seconds there, goes on
        "NAT_PMP, 0, 0, true",
        "NAT_PMP, 800, 800, true",
        "NAT_PMP, 800, 698, true",
        "NAT_PMP, 800, 697, false",
        "NAT_PMP, 800, 5000, true",
        "NAT_PMP, 0, -2, true",
        "NAT_PMP, 0, -3, false",
        "PCP, 0, 0, true",
        "PCP, 0, -1, true",
        "PCP, 0, -2, false",
        "PCP, 1600, 1600, true",
        "PCP, 1600, 1498, true",
        "PCP, 1600, 1497, false",
        "PCP, 1500, 1602, true",
        "PCP, 1500, 1604, false",
        "PCP, 0, 2, true",
        "PCP, 0, 3, false",
    })
    void tellsWhetherItBeganAnew(Epoch.Rule rule, long here, long there, boolean goesOn) {
        Epoch e = new Epoch(rule);
        long start = Long.MAX_VALUE - 5 * SECOND; // a clock that wraps
        assertTrue(e.goesOn(10_000, start));
        assertEquals(goesOn, e.goesOn(10_000 + there, start + here * SECOND));
    }

    @Test
    void countsFromTheLast() {
        Epoch e = new Epoch(Epoch.Rule.PCP);
        assertFalse(e.known());
        assertTrue(e.goesOn(500, 0));
        assertTrue(e.known());
        assertFalse(e.goesOn(0, SECOND));
        assertTrue(e.goesOn(1, 2 * SECOND), "told once for each restart");
    }
}
