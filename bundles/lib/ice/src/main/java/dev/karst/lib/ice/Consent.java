// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.util.random.RandomGenerator;

/** When to ask whether the peer still wants packets, RFC 7675 section 5.1. */
final class Consent {
    private final long interval;
    private final long expiry;
    private final RandomGenerator random;
    private long askAt = Long.MAX_VALUE;
    private long lostAt = Long.MAX_VALUE;

    Consent(IceSettings settings, RandomGenerator random) {
        interval = settings.consentInterval().toNanos();
        expiry = settings.consentExpiry().toNanos();
        this.random = random;
    }

    void begin(long now) {
        given(now);
        next(now);
    }

    void given(long now) {
        lostAt = now + expiry;
    }

    /** Whether to ask now; then the next time is set. */
    boolean ask(long now) {
        if (now < askAt) {
            return false;
        }
        next(now);
        return true;
    }

    private void next(long now) {
        askAt = now + (long) (interval * (0.8 + 0.4 * random.nextDouble()));
    }

    boolean lost(long now) {
        return now >= lostAt;
    }

    long wakeAt() {
        return Math.min(askAt, lostAt);
    }
}
