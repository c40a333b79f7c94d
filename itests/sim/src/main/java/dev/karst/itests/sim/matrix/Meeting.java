// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.nat.NatPolicy;
import java.util.List;

/**
 * Who meets whom, and in which world; the same arguments give the same meeting, packet by packet.
 *
 * @param seed as people count it
 * @param world the world's own seed
 * @param rough whether packets and signals are lost, boxes busy, unfriendly or behind a carrier's,
 *     and both call
 * @param from in front of who calls
 * @param to in front of who is called
 */
record Meeting(long seed, long world, Means means, boolean rough, NatPolicy from, NatPolicy to) {
    Outcome play() {
        try {
            return new Encounter(this).play();
        } catch (AssertionError e) {
            String first = e.getMessage().lines().findFirst().orElse("");
            return new Outcome(seed, 0, -1, -1, "", "", List.of(first), first);
        }
    }
}
