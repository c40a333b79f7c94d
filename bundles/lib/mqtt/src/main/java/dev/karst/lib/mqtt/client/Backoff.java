// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Doubling pauses from 0.5 s to 30 s, each a quarter longer or shorter by chance. */
final class Backoff {
    private static final long MIN_MILLIS = 500;
    private static final long MAX_MILLIS = 30_000;

    private int failures;

    Duration next(RandomGenerator random) {
        long base = MIN_MILLIS << Math.min(failures++, 6);
        long spread = (long) (base * random.nextDouble(0.75, 1.25));
        return Duration.ofMillis(Math.max(MIN_MILLIS, Math.min(spread, MAX_MILLIS)));
    }

    void reset() {
        failures = 0;
    }
}
