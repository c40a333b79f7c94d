// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.Subscription;

/** One wanted port and how it stands. On the keeper's lane, but for what {@code info} reads. */
final class Claim {
    final Want want;
    volatile Held held;
    volatile String trouble = "";
    boolean busy;
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
