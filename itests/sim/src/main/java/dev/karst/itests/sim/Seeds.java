// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Independent streams of chance out of one seed, by name: a host or link that is added does not
 * change what the others see.
 */
final class Seeds {
    private Seeds() {}

    static RandomGenerator stream(long seed, String name) {
        return new SplittableRandom(mix(seed ^ mix(name.hashCode() + 0x9e3779b97f4a7c15L)));
    }

    /** The finalizer of MurmurHash3: spreads every bit over all. */
    static long mix(long z) {
        z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }
}
