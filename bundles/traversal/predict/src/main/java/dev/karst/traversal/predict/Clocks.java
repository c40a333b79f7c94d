// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

/**
 * How far the peer's clock is ahead of ours: from questions and answers, of which the one with the
 * shortest round trip is believed (it is wrong by half of that at most), or as the peer says.
 */
final class Clocks {
    private static final long LONGEST = 20_000_000_000L;

    private long rtt = Long.MAX_VALUE;
    private long ahead;
    private int samples;

    /** All in nanoseconds: asked and answered by our clock, theirs in between by the peer's. */
    void sample(long asked, long theirs, long answered) {
        long took = answered - asked;
        if (took >= 0 && took < rtt) {
            rtt = took;
            ahead = theirs - (asked + took / 2);
        }
        samples++;
    }

    /** What the peer measured: our clock is that far ahead of its. */
    void told(long oursAhead, long roundTrip) {
        ahead = -oursAhead;
        rtt = Math.max(0, Math.min(LONGEST, roundTrip));
    }

    int samples() {
        return samples;
    }

    /** Of a message and its answer. */
    long rtt() {
        return Math.min(LONGEST, rtt);
    }

    long ahead() {
        return ahead;
    }

    /** Our time by the peer's clock. */
    long theirs(long ours) {
        return ours + ahead;
    }
}
