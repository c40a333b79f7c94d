// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.traversal.predict.PredictStrategy;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Many trials of one cell: a home with one port for all, and a NAT that picks at random out of a
 * range, perhaps with a quota.
 *
 * @param quota mappings that the NAT gives the host; 0 = no limit
 * @param range how many ports it picks from
 */
public record Spread(int quota, int range) {
    static final int PROBES = 1_024;
    private static final int SOCKETS = 256;
    private static final int BATCH = 64; // after each the strategy asks a fresh socket, thrice
    private static final int LOWEST = 1_024;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern OPENED = Pattern.compile("(\\d+) sockets opened");

    /**
     * What came of it.
     *
     * @param formula mean of 1-(1-k/R)^n over the holes k that the NAT gave
     * @param distinct the same for ports that are never tried twice
     */
    public record Score(
            int trials,
            int met,
            double formula,
            double distinct,
            long worstMillis,
            String failure) {
        public double percent() {
            return 100.0 * met / trials;
        }
    }

    /** Plays; the same seeds give the same. */
    public Score play(long firstSeed, int trials) {
        PredictStrategy strategy = new PredictStrategy(PROBES, SOCKETS);
        int met = 0;
        double formula = 0;
        double distinct = 0;
        long worst = 0;
        String failure = "";
        for (int i = 0; i < trials; i++) {
            boolean turn = i % 2 == 0; // now one asks, now the other
            NatPolicy home = NatPolicy.home();
            Trial t = new Trial(firstSeed + i, turn ? random() : home, turn ? home : random());
            if (t.run(strategy, LIMIT)) {
                met++;
                worst = Math.max(worst, t.tookMillis());
            } else {
                failure = "seed " + (firstSeed + i) + "\n" + t.story();
            }
            int k = holes(t, turn);
            formula += 100 * (1 - Math.pow(1 - (double) k / range, PROBES));
            distinct += 100 * (1 - missed(k));
        }
        return new Score(trials, met, formula / trials, distinct / trials, worst, failure);
    }

    private NatPolicy random() {
        Allocation a = Allocation.random().withRange(LOWEST, LOWEST + range - 1);
        NatPolicy p = NatPolicy.symmetric().withAllocation(a);
        return quota > 0 ? p.withQuota(quota) : p;
    }

    /** What the box gave, less what was asked of the STUN server. */
    private static int holes(Trial t, boolean ofA) {
        Matcher m = OPENED.matcher(t.story());
        int opened = m.find() ? Integer.parseInt(m.group(1)) : 0;
        int asked = 1 + (opened < SOCKETS ? opened / BATCH - 1 : SOCKETS / BATCH - 1);
        return Math.min(opened, t.mappings(ofA) - asked);
    }

    private double missed(int k) {
        double all = 1;
        for (int i = 0; i < PROBES; i++) {
            all *= Math.max(0, 1 - (double) k / (range - i));
        }
        return all;
    }
}
