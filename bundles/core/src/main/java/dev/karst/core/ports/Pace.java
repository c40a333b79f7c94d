// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import java.time.Duration;
import java.time.Instant;

/** When a claim is looked after next. */
final class Pace {
    private static final Duration[] RETRY = {
        Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10)
    };

    /** Failures until retries come no slower. */
    static final int SLOWEST = RETRY.length;

    static final Duration SOON = RETRY[0];

    /** A lease without an end is looked after, too: the router may have forgotten it. */
    private static final Duration PERMANENT_CHECK = Duration.ofMinutes(20);

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private Pace() {}

    private static Duration retry(int failures) {
        return RETRY[Math.min(failures, RETRY.length) - 1];
    }

    /** After a success: at half life, but sooner if there was news while the call ran. */
    static Duration renewal(Claim c) {
        if (!c.again) {
            c.rounds = 0;
            return half(c.held);
        }
        c.again = false;
        int round = c.rounds++; // a router that always has news is not asked all the time
        return round == 0 ? Duration.ZERO : least(retry(round), half(c.held));
    }

    private static Duration half(Held h) {
        Duration half = h.lease().lifetime().dividedBy(2);
        return h.permanent() ? PERMANENT_CHECK : half.compareTo(SHORTEST) < 0 ? SHORTEST : half;
    }

    /** After a failure: ever slower, but a lease is tried again well before its end. */
    static Duration again(Claim c, Instant now) {
        Duration next = c.again ? SOON : retry(c.failures);
        c.again = false;
        if (c.held == null) {
            return next;
        }
        Duration left = Duration.between(now, c.held.until()).dividedBy(2);
        return least(next, left.compareTo(SHORTEST) < 0 ? SHORTEST : left);
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
