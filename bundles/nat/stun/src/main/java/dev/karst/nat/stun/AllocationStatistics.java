// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells from samples how external ports are picked. Pure: no I/O, no chance.
 *
 * <p>Each burst has some scattered local ports, then some consecutive ones. A sequence shows as one
 * difference of neighbours in time that repeats; where it repeats for consecutive local ports only,
 * it depends on them. What random ports would show as often by chance is not believed.
 */
final class AllocationStatistics {
    /** One in how many random NATs may be taken for a sequence. */
    private static final double SURE = 1e-5;

    private static final double LIKELY = 1e-3;

    /** Others' mappings may come between two of ours: so many multiples of the step pass for it. */
    private static final int MOST_BETWEEN = 6;

    private static final int ENOUGH_PAIRS = 3;

    /** Ports close together are no sign of a small range: that would be a NAT for a few. */
    private static final int SMALLEST_RANGE = 1024;

    private final List<Sample> samples;
    private final List<Pair> pairs = new ArrayList<>();
    private final List<Pair> apart = new ArrayList<>();
    private final int low;
    private final int high;

    /**
     * Two of a burst that follow each other in time, of those that were answered.
     *
     * @param gap 1 for neighbours
     * @param consecutive whether the local ports follow each other
     * @param clean whether the NAT surely saw them in this order
     */
    private record Pair(int difference, int gap, boolean consecutive, boolean clean) {}

    /**
     * A verdict.
     *
     * @param sure whether more samples would hardly change it
     */
    record Judged(PortAllocation allocation, boolean sure) {}

    private AllocationStatistics(List<Sample> all) {
        samples = new ArrayList<>(all);
        samples.sort(Comparator.comparingInt(Sample::burst).thenComparingInt(Sample::order));
        low = samples.stream().mapToInt(Sample::external).min().orElse(0);
        high = samples.stream().mapToInt(Sample::external).max().orElse(0);
        for (int i = 1; i < samples.size(); i++) {
            Sample a = samples.get(i - 1);
            Sample b = samples.get(i);
            if (a.burst() == b.burst()) {
                pair(a, b);
            }
        }
    }

    private void pair(Sample a, Sample b) {
        int gap = b.order() - a.order();
        boolean follows = b.local() - a.local() == gap;
        Pair p =
                new Pair(
                        b.external() - a.external(),
                        gap,
                        follows && gap == 1,
                        a.prompt() && b.prompt());
        if (gap == 1) {
            pairs.add(p);
        }
        if (!follows) {
            apart.add(p);
        }
    }

    static Judged judge(List<Sample> samples) {
        return samples.size() < 3
                ? new Judged(PortAllocation.unknown(), false)
                : new AllocationStatistics(samples).judge();
    }

    private Judged judge() {
        int n = samples.size();
        int same = (int) samples.stream().filter(s -> s.local() == s.external()).count();
        if (same >= 3 && same >= 0.6 * n) {
            return of(Kind.PRESERVED, 0, (double) same / n, same >= 4 && same >= 0.7 * n);
        }
        Distances d = new Distances(samples);
        if (d.groups() >= 3 && d.matched() >= 0.6 * n) {
            double fit = (double) d.matched() / n;
            return of(Kind.PRESERVING_DISTANCE, 0, fit, d.groups() >= 4 && d.matched() >= 0.7 * n);
        }
        int mixed = repeats(mode()) < 0.6 * pairs.size() ? mixed() : 0;
        if (mixed != 0) {
            return of(Kind.INDEPENDENT_STEP, mixed, 0.6, false);
        }
        Judged sequence = sequence();
        if (sequence != null) {
            return sequence;
        }
        long clean = pairs.stream().filter(p -> p.consecutive() && p.clean()).count();
        boolean sure = clean >= ENOUGH_PAIRS && repeats(mode()) < 2;
        return of(Kind.RANDOM, 0, 1 - 1.0 / (1 + clean), sure);
    }

    private Judged of(Kind kind, int step, double confidence, boolean sure) {
        return new Judged(new PortAllocation(kind, step, confidence, low, high, 0), sure);
    }

    // ---- sequences

    private Judged sequence() {
        int step = mode();
        int repeats = repeats(step);
        double chance = chance(repeats, pairs.size(), range());
        if (repeats < 2 || chance > LIKELY) {
            return null;
        }
        long kept = apart.stream().filter(p -> multiple(p, step)).count();
        long broken = apart.stream().filter(p -> p.clean()).count() - kept;
        long together = pairs.stream().filter(p -> p.consecutive()).count();
        long follows =
                pairs.stream().filter(p -> p.consecutive() && p.difference() == step).count();
        boolean surely = repeats >= ENOUGH_PAIRS && chance < SURE;
        if (kept > 0 && kept >= broken) {
            double fit = (double) repeats / pairs.size();
            return of(Kind.INDEPENDENT_STEP, step, fit, surely && kept > broken);
        }
        if (follows < 2) {
            return null;
        }
        double fit = (double) follows / together;
        return of(Kind.DEPENDENT_STEP, step, fit, surely && broken >= 2 + 4 * kept);
    }

    private int range() {
        return Math.max(SMALLEST_RANGE, high - low + 1);
    }

    /** The difference that repeats most. */
    private int mode() {
        Map<Integer, Integer> counts = new HashMap<>();
        int best = 0;
        for (Pair p : pairs) {
            int n = counts.merge(p.difference(), 1, Integer::sum);
            if (p.difference() != 0 && n > counts.getOrDefault(best, 0)) {
                best = p.difference();
            }
        }
        return best;
    }

    private int repeats(int step) {
        return (int) pairs.stream().filter(p -> step != 0 && p.difference() == step).count();
    }

    private static boolean multiple(Pair p, int step) {
        int steps = p.difference() / step;
        return p.difference() % step == 0 && steps >= 1 && steps <= p.gap() + MOST_BETWEEN;
    }

    /** The chance that of n random differences within a range some k are alike. */
    static double chance(int k, int n, int range) {
        double ways = 1;
        for (int i = 0; i < k; i++) {
            ways *= (double) (n - i) / (i + 1);
        }
        return Math.min(1, ways * Math.pow(Math.max(2, range), 1 - k));
    }

    // ---- a sequence whose packets overtook each other

    /**
     * Evenly spaced ports in another order than they were asked for: the step, or 0. Its sign is
     * that of what came later in the burst.
     */
    private int mixed() {
        Map<Integer, Integer> counts = new HashMap<>();
        int gaps = 0;
        int best = 0;
        for (int burst : samples.stream().mapToInt(Sample::burst).distinct().toArray()) {
            int[] ports = burst(burst).stream().mapToInt(Sample::external).sorted().toArray();
            for (int i = 1; i < ports.length; i++) {
                int gap = ports[i] - ports[i - 1];
                gaps++;
                int n = counts.merge(gap, 1, Integer::sum);
                if (gap != 0 && n > counts.getOrDefault(best, 0)) {
                    best = gap;
                }
            }
        }
        int alike = counts.getOrDefault(best, 0);
        int range = range() / Math.max(1, gaps);
        boolean even = alike >= 0.6 * gaps && chance(alike, gaps, range) < SURE;
        return even ? best * direction() : 0;
    }

    private List<Sample> burst(int burst) {
        return samples.stream().filter(s -> s.burst() == burst).toList();
    }

    private int direction() {
        long rising = 0;
        for (Sample a : samples) {
            for (Sample b : samples) {
                if (a.burst() == b.burst() && a.order() < b.order()) {
                    rising += Integer.signum(b.external() - a.external());
                }
            }
        }
        return rising < 0 ? -1 : 1;
    }
}
