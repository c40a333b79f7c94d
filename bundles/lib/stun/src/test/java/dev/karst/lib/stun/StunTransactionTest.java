// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StunTransactionTest {
    private static final long MS = 1_000_000;

    /** Near the end of the number range, where comparing with &lt; would go wrong. */
    private static final long START = Long.MAX_VALUE - 1000 * MS;

    private static List<Long> run(StunTiming timing) {
        StunTransaction t = new StunTransaction(timing, START);
        List<Long> out = new ArrayList<>();
        long now = START;
        while (true) {
            StunTransaction.Step step = t.step(now);
            out.add((now - START) / MS);
            if (step.action() == StunTransaction.Action.GIVE_UP) {
                assertEquals(timing.sends(), t.sent());
                return out;
            }
            assertEquals(StunTransaction.Action.SEND, step.action());
            assertEquals(StunTransaction.Action.WAIT, t.step(step.wakeAt() - 1).action());
            now = step.wakeAt();
        }
    }

    @Test
    void timesOfTheRfc() {
        assertEquals(
                List.of(0L, 500L, 1500L, 3500L, 7500L, 15500L, 31500L, 39500L),
                run(StunTiming.UDP));
        assertEquals(List.of(0L, 39500L), run(StunTiming.TCP));
    }

    @Test
    void aLateCallerSendsOnce() {
        StunTransaction t = new StunTransaction(StunTiming.UDP, START);
        t.step(START);
        StunTransaction.Step late = t.step(START + 10_000 * MS);
        assertEquals(StunTransaction.Action.SEND, late.action());
        assertEquals(START + 11_000 * MS, late.wakeAt());
        assertEquals(StunTransaction.Action.WAIT, t.step(START + 10_000 * MS).action());
        assertEquals(2, t.sent());
    }
}
