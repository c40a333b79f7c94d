// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunMessage;

/** Who chooses the pair, and what happens when both think they do: RFC 8445 section 7.3.1.1. */
final class Role {
    enum Verdict {
        FINE,
        /** The peer has to change: 487. */
        REFUSE,
        /** This side has to change. */
        SWITCH
    }

    private final long tieBreaker;
    private boolean controlling;

    Role(boolean controlling, long tieBreaker) {
        this.controlling = controlling;
        this.tieBreaker = tieBreaker;
    }

    boolean controlling() {
        return controlling;
    }

    long tieBreaker() {
        return tieBreaker;
    }

    void change() {
        controlling = !controlling;
    }

    Verdict judge(StunMessage check) {
        var same = controlling ? StunAttributes.ICE_CONTROLLING : StunAttributes.ICE_CONTROLLED;
        Long theirs = check.get(same).orElse(null);
        if (theirs == null) {
            return Verdict.FINE;
        }
        boolean higher = Long.compareUnsigned(tieBreaker, theirs) >= 0;
        return higher == controlling ? Verdict.REFUSE : Verdict.SWITCH;
    }
}
