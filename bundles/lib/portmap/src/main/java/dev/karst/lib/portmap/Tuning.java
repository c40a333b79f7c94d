// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import java.time.Duration;

/**
 * What the standards fix and tests vary.
 *
 * @param port where gateways listen
 * @param announcements where they announce to
 * @param spread news of an announcement are told after a random time up to this, lest all hosts of
 *     a network fall upon a gateway that just started (RFC 6887 section 14.1.3)
 * @param poll how often a watched gateway is asked how it is
 */
public record Tuning(int port, int announcements, Duration spread, Duration poll) {
    /** As the standards have it, and a question a minute. */
    public static final Tuning STANDARD =
            new Tuning(5351, 5350, Duration.ofSeconds(5), Duration.ofMinutes(1));
}
