// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.NatConfig;
import dev.karst.itests.sim.nattable.NatTable.Cell;
import dev.karst.itests.sim.nattable.NatTable.Condition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sample of {@link NatTable}: each of the 80 kinds, under each condition, with a few seeds. */
class NatTableTest {
    private static final int SEEDS = 3;

    @Test
    void everyKindIsKnownWithoutLoss() {
        for (Cell c : play(NatTable.CONDITIONS.get(0))) {
            assertEquals("", c.udp(), "seed " + c.seed());
            assertEquals("", c.tcp(), "seed " + c.seed());
            assertTrue(c.packets() <= 60, "seed " + c.seed() + ": " + c.packets() + " packets");
            assertTrue(c.late() <= 1, "seed " + c.seed() + ": late by " + c.late());
        }
    }

    @Test
    void everyKindIsKnownAtLossBelowOnePercentMissed() {
        assertFew(NatTable.CONDITIONS.get(1), 2);
    }

    @Test
    void everyKindIsKnownAmongOthers() {
        assertFew(NatTable.CONDITIONS.get(2), 2);
    }

    private static void assertFew(Condition condition, int most) {
        List<Cell> wrong = new ArrayList<>();
        for (Cell c : play(condition)) {
            if (!c.udp().isEmpty() || !c.tcp().isEmpty()) {
                wrong.add(c);
            }
        }
        assertTrue(wrong.size() <= most, wrong.toString());
    }

    private static List<Cell> play(Condition condition) {
        List<Cell> out = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            for (NatConfig config : NatTable.configs(seed)) {
                out.add(NatTable.play(seed, config, condition));
            }
        }
        return out;
    }
}
