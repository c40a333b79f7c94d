// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.time.Duration;

/**
 * How bad the service is.
 *
 * @param delay from a host to the service, one way
 * @param jitter up to this much more, at random; signals overtake each other by it
 * @param loss chance that a signal never arrives, though it was acknowledged
 * @param repeat chance that a signal arrives twice
 */
public record BusProfile(Duration delay, Duration jitter, double loss, double repeat) {
    /** 20 ms, nothing lost. */
    public static BusProfile good() {
        return new BusProfile(Duration.ofMillis(20), Duration.ZERO, 0, 0);
    }

    /** 5 to 150 ms; a tenth lost, a tenth repeated. */
    public static BusProfile bad() {
        return new BusProfile(Duration.ofMillis(5), Duration.ofMillis(145), 0.1, 0.1);
    }
}
