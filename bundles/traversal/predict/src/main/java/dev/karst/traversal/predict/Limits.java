// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

/**
 * What an attempt may cost.
 *
 * @param probes ports tried at most
 * @param perSecond packets per second
 * @param sockets opened at most behind random ports
 * @param tcp whether TCP is tried
 */
record Limits(int probes, int perSecond, int sockets, boolean tcp) {
    static final Limits DEFAULT = new Limits(1_024, 100, 300, true);

    Limits {
        check(probes, 1, 1_024, "probes");
        check(perSecond, 1, 1_000, "packetsPerSecond");
        check(sockets, 1, 512, "sockets");
    }

    private static void check(int value, int low, int high, String name) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(
                    PredictStrategy.PID + ": " + name + " must be " + low + " to " + high);
        }
    }
}
