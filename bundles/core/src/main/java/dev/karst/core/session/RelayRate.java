// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.time.Duration;

/**
 * Keeps bulk off a relay while a direct path may still be found: streams get {@value
 * #BYTES_PER_SECOND} bytes a second until the direct attempts have a verdict, {@value #SECONDS} s
 * at most. What asks and answers is never held back. Guarded by the session's lock.
 */
final class RelayRate {
    static final long BYTES_PER_SECOND = 4 << 20;
    private static final int SECONDS = 15;

    /** What may go at once. */
    private static final long BURST = 256 << 10;

    private static final Duration WAIT = Duration.ofMillis(20);

    private final Session session;
    private boolean limited;
    private long until;
    private long at;
    private double left;
    private boolean waiting;

    RelayRate(Session session) {
        this.session = session;
    }

    /** This link carries the data from now on. */
    void used(Link link) {
        limited = link.origin.relayed();
        at = session.world.nanoTime();
        until = at + Duration.ofSeconds(SECONDS).toNanos();
        left = BURST;
    }

    void lift() {
        limited = false;
    }

    /** Whether a stream may send; if not, the session is told when it may. */
    boolean allows() {
        if (!limited) {
            return true;
        }
        long now = session.world.nanoTime();
        if (now - until >= 0) {
            limited = false;
            return true;
        }
        left = Math.min(BURST, left + (now - at) * 1e-9 * BYTES_PER_SECOND);
        at = now;
        if (left > 0) {
            return true;
        }
        if (!waiting) {
            waiting = true;
            session.world.after(WAIT, this::again);
        }
        return false;
    }

    void sent(int bytes) {
        if (limited) {
            left -= bytes;
        }
    }

    private void again() {
        session.enter();
        waiting = false;
        session.exit(); // sends what it can
    }
}
