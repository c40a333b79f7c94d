// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/**
 * When to send a request, when again, and when to give up: RFC 8489 section 6.2. Has no clock: ask
 * {@link #step} at the time it named, and stop asking once an answer came. Not thread-safe.
 */
public final class StunTransaction {
    private final StunTiming timing;
    private int sent;
    private long wakeAt;

    /**
     * What to do.
     *
     * @param action now
     * @param wakeAt when to ask again, in the same time; of no meaning after {@link Action#GIVE_UP}
     */
    public record Step(Action action, long wakeAt) {}

    /** What to do now. */
    public enum Action {
        SEND,
        WAIT,
        GIVE_UP
    }

    /**
     * Begins; the first {@link #step} sends.
     *
     * @param now nanoseconds of a monotonic clock, such as {@link System#nanoTime}
     */
    public StunTransaction(StunTiming timing, long now) {
        this.timing = timing;
        wakeAt = now;
    }

    /** What to do at that time. May be asked too early or late; a late one sends once. */
    public Step step(long now) {
        if (now - wakeAt < 0) {
            return new Step(Action.WAIT, wakeAt);
        }
        if (sent == timing.sends()) {
            return new Step(Action.GIVE_UP, wakeAt);
        }
        long rto = timing.rto().toNanos();
        long pause = Math.min(rto << sent, timing.most().toNanos());
        wakeAt = now + (sent + 1 == timing.sends() ? timing.last() * rto : pause);
        sent++;
        return new Step(Action.SEND, wakeAt);
    }

    /** How often the request was sent. An answer after one sending measures a round trip. */
    public int sent() {
        return sent;
    }
}
