// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.Subscription;
import java.util.Optional;

/** One wanted port and how it stands. On the keeper's lane, but for what {@code info} reads. */
final class Claim {
    final Want want;
    volatile Held held;
    volatile String trouble = "";
    boolean busy;

    /** The last search for a router. */
    Optional<Acquisition> search = Optional.empty();

    boolean over;
    int failures;
    Subscription timer = () -> {};

    Claim(Want want) {
        this.want = want;
    }

    void timer(Subscription next) {
        timer.close();
        timer = next;
    }
}
