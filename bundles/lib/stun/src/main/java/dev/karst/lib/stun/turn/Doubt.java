// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import dev.karst.lib.stun.StunTiming;
import java.time.Duration;
import java.util.Optional;

/**
 * When to ask a relay whether it still has the allocation: soon after data was sent and nothing
 * came back. It may be the peer that is silent; the longer it is, the less often is asked.
 */
final class Doubt {
    /** One question; the next comes before its time is over. */
    static final StunTiming TIMING = new StunTiming(Duration.ofMillis(500), 1, 8);

    /** More than a round trip by two relays and an ACK that is held back, mostly. */
    static final long FIRST = 500_000_000L;

    /** Between two questions that nobody answered. */
    static final long AGAIN = 500_000_000L;

    /** As long as any question over UDP is asked. */
    static final long GIVE_UP = 11_500_000_000L;

    private final long most;
    private long patience = FIRST;
    private boolean waiting;
    private long askAt;
    private long endAt;

    /** What to do now. */
    enum Step {
        WAIT,
        ASK,
        GIVE_UP
    }

    /**
     * @param most the longest patience, in ns
     */
    Doubt(long most) {
        this.most = most;
    }

    /** Data went out. */
    void sent(long now) {
        if (!waiting) {
            waiting = true;
            askAt = now + patience;
            endAt = askAt + GIVE_UP;
        }
    }

    /** Data came in. */
    void heard() {
        waiting = false;
        patience = FIRST;
    }

    /** The relay has it. */
    void dispelled() {
        if (waiting) {
            waiting = false;
            patience = Math.min(2 * patience, most);
        }
    }

    Optional<Long> wakeAt() {
        return waiting ? Optional.of(askAt) : Optional.empty();
    }

    Step wake(long now) {
        if (!waiting || askAt - now > 0) {
            return Step.WAIT;
        }
        askAt = now + AGAIN;
        return endAt - now > 0 ? Step.ASK : Step.GIVE_UP;
    }
}
