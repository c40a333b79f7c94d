// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.nat.PortAllocation;

/**
 * The ports that a NAT with random ones picks from, as far as that is known. Few samples of a range
 * lie within it: the estimate reaches beyond them by two mean gaps, and where that is not clearly
 * less than all ports, all are taken.
 */
record Ports(int low, int high) {
    static final Ports ALL = new Ports(1_024, 65_535);
    private static final int SAMPLES = 8;
    private static final double CLEARLY = 0.7;

    static Ports of(PortAllocation a) {
        return of(a.low(), a.high());
    }

    /** Of the extremes that were seen; 0 where none was. */
    static Ports of(int low, int high) {
        if (low < 1 || high <= low || high > 0xffff) {
            return ALL;
        }
        int reach = 2 * (high - low) / (SAMPLES - 1) + 1;
        Ports p = new Ports(Math.max(1, low - reach), Math.min(0xffff, high + reach));
        return p.count() < CLEARLY * ALL.count() ? p : ALL;
    }

    int count() {
        return high - low + 1;
    }

    /** The chance that one of n tries meets one of k holes. */
    double chance(int k, int n) {
        return 1 - Math.pow(1 - Math.min(1.0, (double) k / count()), n);
    }
}
