// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import java.time.Duration;

/**
 * What a strategy expects.
 *
 * @param chance 0 to 1
 * @param time until the path stands, if it works
 * @param packets sent at most
 */
public record Odds(double chance, Duration time, int packets) {
    public Odds {
        if (!(chance >= 0 && chance <= 1)) {
            throw new IllegalArgumentException("chance must be 0 to 1: " + chance);
        }
    }
}
