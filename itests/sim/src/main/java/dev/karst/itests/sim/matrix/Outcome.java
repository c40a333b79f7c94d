// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import java.util.List;

/**
 * What came of one meeting. Times are virtual, in milliseconds, from {@code connect} on; -1 =
 * never.
 *
 * @param rtt between the two nodes, if nothing is in between
 * @param first when connect was done
 * @param direct when the path in use was a direct one, on the side that called
 * @param firstBy the strategy of the first path; {@code relay} if a relay passes it on
 * @param by the strategy of the last path; {@code relay} if a relay passes it on
 * @param lost what was wrong with the bytes or the paths; empty if nothing was
 * @param why what the reports say, for who is relayed or not connected
 */
record Outcome(
        long seed,
        int rtt,
        int first,
        int direct,
        String firstBy,
        String by,
        List<String> lost,
        String why) {
    static final String RELAY = "relay";

    boolean connected() {
        return first >= 0;
    }

    boolean isDirect() {
        return direct >= 0;
    }

    /** Longer than a round trip and a second until there was any path. */
    boolean late() {
        return !connected() || first > rtt + 1_000;
    }
}
