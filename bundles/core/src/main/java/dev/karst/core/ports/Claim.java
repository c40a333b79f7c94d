// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.Subscription;
import java.util.Optional;

/** One wanted port and how it stands. On the keeper's lane, but for what {@link Shown} reads. */
final class Claim {
    final Want want;
    volatile Held held;
    volatile String trouble = "";

    /** Not wanted just now: it may be again at once, so its lease is kept for a moment. */
    volatile boolean unwanted;

    /** To be given back as soon as the call that runs has ended. */
    boolean over;

    /** A call runs whose result will change this claim. */
    boolean busy;

    /** While it ran, there was reason to renew once more. */
    boolean again;

    /** The search for a router that runs. */
    Optional<Acquisition> search = Optional.empty();

    int failures;

    /** Renewals in a row that failed. */
    int unrenewed;

    /** Renewals in a row after which another was asked for at once. */
    int rounds;

    /** Whether the timer is still to fire, and nothing came before it. */
    boolean armed;

    private Subscription timer = () -> {};
    private Subscription linger = () -> {};

    Claim(Want want) {
        this.want = want;
    }

    /** Wanted, perhaps again. */
    void retain() {
        if (unwanted) {
            unwanted = false;
            over = false;
            linger(() -> {});
            if (held == null && !busy) {
                failures = 0;
            }
        }
    }

    void timer(Subscription next) {
        timer.close();
        timer = next;
    }

    void linger(Subscription next) {
        linger.close();
        linger = next;
    }

    /** Ends its timers and its search. */
    void stop() {
        timer(() -> {});
        linger(() -> {});
        search.ifPresent(Acquisition::stop);
    }
}
