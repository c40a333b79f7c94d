// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.traversal.predict.PredictStrategy;
import java.time.Duration;

/**
 * Many trials of two NATs that number mappings one after the other, while strangers open some.
 *
 * @param perSecond mappings of strangers, on each side
 * @param tcp whether UDP is blocked on one side
 */
public record Sequences(double perSecond, boolean tcp) {
    /** From the look at the port to the first packet: a message's way and what it takes to send. */
    static final double DELAY = 0.145;

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int[] STEPS = {1, -1, 2, -3, 4};

    /**
     * What came of it.
     *
     * @param first how many met in the first round
     */
    public record Score(int trials, int met, int first, String failure) {
        public double percent() {
            return 100.0 * met / trials;
        }
    }

    /** Plays; the same seeds give the same. */
    public Score play(long firstSeed, int trials) {
        PredictStrategy strategy = new PredictStrategy();
        int met = 0;
        int first = 0;
        String failure = "";
        for (int i = 0; i < trials; i++) {
            NatPolicy a = nat(STEPS[i % STEPS.length]);
            NatPolicy b = nat(STEPS[i / STEPS.length % STEPS.length]);
            Trial t = new Trial(firstSeed + i, tcp ? a.withUdpBlocked() : a, b);
            if (t.run(strategy, LIMIT)) {
                met++;
                first += t.story().contains("round 2") ? 0 : 1;
            } else {
                failure = "seed " + (firstSeed + i) + "\n" + t.story();
            }
        }
        return new Score(trials, met, first, failure);
    }

    private NatPolicy nat(int step) {
        return NatPolicy.symmetric()
                .withAllocation(Allocation.independent(step))
                .withBackground(perSecond);
    }
}
