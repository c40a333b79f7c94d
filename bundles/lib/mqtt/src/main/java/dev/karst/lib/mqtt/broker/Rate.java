// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

/** A token bucket that may go into debt: nothing is lost, the client is read again once it paid. */
final class Rate {
    private static final double SECOND = 1e9;

    private final int perSecond;
    private final int burst;
    private double tokens;
    private long at;

    Rate(int perSecond, int burst, long now) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
        this.at = now;
    }

    /** False when the client has overdrawn. */
    boolean spend(int cost, long now) {
        tokens = Math.min(burst, tokens + (now - at) / SECOND * perSecond) - cost;
        at = now;
        return tokens >= 0;
    }
}
