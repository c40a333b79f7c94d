// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import java.util.List;
import java.util.Locale;
import java.util.logging.LogManager;

/**
 * Port prediction in numbers: sequences by strangers' rate, the spread by quota and range against
 * 1-(1-k/R)^n. Argument: trials of a cell (4,000). Fails where a spread is more than a point below
 * the formula or off what ports that are never tried twice give, or sequences below 90 % at half a
 * stranger's mapping during the delay.
 */
public final class PredictTable {
    private static final double HALF = 0.5 / Sequences.DELAY;
    private static final List<Sequences> SEQUENCES =
            List.of(
                    new Sequences(0, false),
                    new Sequences(HALF, false),
                    new Sequences(3 * HALF, false),
                    new Sequences(10 * HALF, false),
                    new Sequences(HALF, true));
    private static final List<Spread> SPREADS =
            List.of(
                    new Spread(0, 64_512),
                    new Spread(128, 64_512),
                    new Spread(64, 64_512),
                    new Spread(0, 28_232),
                    new Spread(64, 16_384),
                    new Spread(32, 16_384),
                    new Spread(32, 8_192),
                    new Spread(16, 4_096));

    private PredictTable() {}

    /** See the class. */
    public static void main(String[] args) {
        LogManager.getLogManager().reset();
        int trials = args.length > 0 ? Integer.parseInt(args[0]) : 4_000;
        boolean good = true;
        double sequential = 100;
        System.out.printf("%-34s %8s %12s%n", "sequential x sequential", "met %", "at once %");
        for (Sequences s : SEQUENCES) {
            Sequences.Score score = s.play(1, trials / 4);
            String name =
                    String.format(
                            Locale.ROOT,
                            "%s, strangers %.1f/s (%.2f)",
                            s.tcp() ? "TCP" : "UDP",
                            s.perSecond(),
                            s.perSecond() * Sequences.DELAY);
            System.out.printf(
                    Locale.ROOT,
                    "%-34s %8.2f %12.2f%n",
                    name,
                    score.percent(),
                    100.0 * score.first() / score.trials());
            if (s.perSecond() <= HALF) {
                sequential = Math.min(sequential, score.percent());
            }
        }
        good &= sequential >= 90;
        double off = 0;
        double below = 0;
        double named = 0;
        System.out.printf(
                "%n%-24s %8s %10s %10s %8s%n", "spread", "met %", "formula", "distinct", "worst s");
        for (Spread s : SPREADS) {
            Spread.Score score = s.play(1, trials);
            String quota = s.quota() == 0 ? "none" : String.valueOf(s.quota());
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %8.2f %10.2f %10.2f %8.1f%n",
                    "quota " + quota + ", ports " + s.range(),
                    score.percent(),
                    score.formula(),
                    score.distinct(),
                    score.worstMillis() / 1e3);
            off = Math.max(off, Math.abs(score.percent() - score.distinct()));
            below = Math.max(below, score.formula() - score.percent());
            named = s.equals(SPREADS.get(0)) ? score.percent() : named;
        }
        double sigmas = 150 / Math.sqrt(trials); // three of the worst cell's, at p = 1/2, in points
        good &= off <= 1 + sigmas && below <= 1 + sigmas;
        System.out.printf(
                Locale.ROOT,
                "RESULT trials=%d sequential_pct=%.2f birthday_pct=%.2f off_points=%.2f"
                        + " below_formula_points=%.2f%n",
                trials,
                sequential,
                named,
                off,
                below);
        System.exit(good ? 0 : 1);
    }
}
