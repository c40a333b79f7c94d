// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.BusProfile;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.Unsolicited;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** What a rough meeting has to stand, by chance. */
record Weather(double loss, boolean badSignals, double busy, int bothCallMillis, boolean carriers) {
    static Weather clear() {
        return new Weather(0, false, 0, -1, false);
    }

    static Weather rough(RandomGenerator r) {
        return new Weather(
                r.nextInt(2) * 0.03 * r.nextDouble(),
                r.nextInt(3) == 0,
                r.nextInt(2) * 5 * r.nextDouble(),
                r.nextInt(3) == 0 ? r.nextInt(200) : -1,
                r.nextInt(5) == 0);
    }

    LinkProfile link(int delayMillis) {
        return LinkProfile.of(Duration.ofMillis(delayMillis))
                .withJitter(Duration.ofNanos(delayMillis * 100_000L))
                .withLoss(loss);
    }

    BusProfile signals() {
        return badSignals ? BusProfile.bad() : BusProfile.good();
    }

    /** A box as it is in this weather. */
    NatPolicy box(NatPolicy p, RandomGenerator r) {
        if (this.equals(clear())) {
            return p;
        }
        Unsolicited[] all = Unsolicited.values();
        return p.withBackground(busy).withUnsolicited(all[r.nextInt(all.length)]);
    }
}
