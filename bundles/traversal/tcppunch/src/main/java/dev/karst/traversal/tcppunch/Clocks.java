// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

/**
 * How far the peer's clock is ahead of ours, from questions and answers: the one with the shortest
 * round trip is believed, and it is wrong by half of that at most.
 */
final class Clocks {
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

    int samples() {
        return samples;
    }

    long rtt() {
        return rtt;
    }

    /** Our time by the peer's clock. */
    long theirs(long ours) {
        return ours + ahead;
    }
}
