// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunTiming;
import dev.karst.lib.stun.StunTransaction;

/** A request under way. */
final class Check {
    final Pair pair;
    final StunMessage request;
    final boolean controlling;
    final boolean nominating;
    final StunTransaction timer;
    final long firstSent;
    long lastSent;
    long wakeAt;

    /** Sent no more, but an answer is still good. */
    boolean cancelled;

    Check(
            Pair pair,
            StunMessage request,
            boolean controlling,
            boolean nominating,
            StunTiming timing,
            long now) {
        this.pair = pair;
        this.request = request;
        this.controlling = controlling;
        this.nominating = nominating;
        timer = new StunTransaction(timing, now);
        firstSent = now;
        lastSent = now;
        wakeAt = timer.step(now).wakeAt(); // the first sending is the caller's
    }
}
