// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses before the next try to connect. A broker that is updated or restarted is back within
 * seconds, and nobody can be found without it: 0.5 s, then 1 s for a quarter of a minute, 2 s for
 * the rest of the minute; after that they double up to 30 s. The first is up to a half longer or
 * shorter by chance, for all clients of a broker lose it at once; the others up to a quarter.
 */
final class Backoff {
    private static final int SECONDS = 16;
    private static final int TWOS = 38;
    private static final long MAX_MILLIS = 30_000;

    private int failures;

    Duration next(RandomGenerator random) {
        int n = failures++;
        double spread = n == 0 ? 0.5 : 0.25;
        return Duration.ofMillis((long) (base(n) * random.nextDouble(1 - spread, 1 + spread)));
    }

    private static long base(int n) {
        if (n == 0) {
            return 500;
        }
        if (n < SECONDS) {
            return 1000;
        }
        return n < TWOS ? 2000 : Math.min(2000L << Math.min(n - TWOS + 1, 4), MAX_MILLIS);
    }

    void reset() {
        failures = 0;
    }
}
