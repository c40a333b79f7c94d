// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;

/** Which local ports to probe from. */
final class LocalPorts {
    private static final int LOWEST = 20_000;
    private static final int BEYOND = 60_000;

    /** Scattered ones are that far from others at least; consecutive ones are nearer. */
    static final int APART = 16;

    private LocalPorts() {}

    /**
     * Scattered ones, then consecutive ones.
     *
     * @param random gives a number from the first, inclusive, to the second, exclusive
     */
    static List<Integer> plan(IntBinaryOperator random, int scattered, int consecutive) {
        List<Integer> out = new ArrayList<>();
        int slice = (BEYOND - LOWEST) / (scattered + 1);
        for (int i = 0; i <= scattered; i++) {
            int from = LOWEST + slice * i;
            out.add(random.applyAsInt(from, from + slice - consecutive - APART));
        }
        int run = out.remove(random.applyAsInt(0, out.size()));
        for (int i = 0; i < scattered; i++) {
            out.add(out.remove(random.applyAsInt(0, scattered - i))); // any order
        }
        for (int i = 0; i < consecutive; i++) {
            out.add(run + i);
        }
        return out;
    }
}
