// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import java.util.stream.IntStream;

/** Times in order; negative ones are none. */
record Percentiles(int[] sorted) {
    static Percentiles of(IntStream all) {
        return new Percentiles(all.filter(t -> t >= 0).sorted().toArray());
    }

    int count() {
        return sorted.length;
    }

    /** -1 if there is none. */
    int at(double part) {
        int n = sorted.length;
        return n == 0 ? -1 : sorted[(int) Math.min(n - 1, Math.floor(n * part))];
    }

    @Override
    public String toString() {
        return count() == 0
                ? "none"
                : "median %d, 90 %% %d, 99 %% %d, most %d ms (%d)"
                        .formatted(at(0.5), at(0.9), at(0.99), at(1), count());
    }
}
