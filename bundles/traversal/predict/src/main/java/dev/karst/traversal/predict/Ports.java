// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.nat.PortAllocation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The ports that a NAT with random ones was seen to pick from. Its range is wider than that, but
 * trying only what lies within costs nothing: a hole there is as likely at any port. Trying what
 * lies beyond the range would.
 */
record Ports(int low, int high) {
    static final Ports ALL = new Ports(1_024, 65_535);

    /** A range seen by a dozen samples is wider by two mean gaps. */
    private static final double WIDER = 14.0 / 12;

    private static final int TOO_NARROW = 16;

    static Ports of(PortAllocation a) {
        return of(a.low(), a.high());
    }

    /** Of the extremes that were seen; 0 where none was. */
    static Ports of(int low, int high) {
        boolean sound = low >= 1 && high <= 0xffff && high - low >= TOO_NARROW;
        return sound ? new Ports(low, high) : ALL;
    }

    int count() {
        return high - low + 1;
    }

    /** How many ports the NAT may pick from. */
    int range() {
        return (int) Math.min(ALL.count(), count() * WIDER);
    }

    /** The chance that one of n tries meets one of k holes. */
    double chance(int k, int n) {
        return 1 - Math.pow(1 - Math.min(1.0, (double) k / range()), n);
    }

    /** That many different ones in random order; where there are fewer, their neighbours, too. */
    List<Integer> some(int n, RandomGenerator random) {
        Set<Integer> out = new LinkedHashSet<>();
        if (count() > 2 * n) {
            while (out.size() < n) {
                out.add(low + random.nextInt(count()));
            }
            return List.copyOf(out);
        }
        List<Integer> all = new ArrayList<>();
        for (int p = low; p <= high; p++) {
            all.add(p);
        }
        for (int i = all.size() - 1; i > 0; i--) {
            all.set(i, all.set(random.nextInt(i + 1), all.get(i)));
        }
        for (int beyond = 1; all.size() < n && beyond < 0xffff; beyond++) {
            if (high + beyond <= 0xffff) {
                all.add(high + beyond);
            }
            if (low - beyond >= ALL.low()) {
                all.add(low - beyond);
            }
        }
        return List.copyOf(all.subList(0, Math.min(n, all.size())));
    }
}
