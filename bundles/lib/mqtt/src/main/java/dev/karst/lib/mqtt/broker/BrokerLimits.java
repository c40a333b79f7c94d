// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import java.time.Duration;

/**
 * Everything that a broker bounds.
 *
 * @param clients connections at a time
 * @param retained retained messages
 * @param retainedBytes their topics and payloads
 * @param subscriptions per client
 * @param packetsPerSecond that a client may send in the long run; above it, it is read slower
 * @param burst packets it may send at once
 * @param offlineSessions sessions kept for clients that are away
 * @param offline how long they are kept
 */
public record BrokerLimits(
        int clients,
        int retained,
        long retainedBytes,
        int subscriptions,
        int packetsPerSecond,
        int burst,
        int offlineSessions,
        Duration offline) {
    /**
     * 1,000 clients, 10,000 retained messages of 64 MiB in all, 50 packets/s with bursts of 500.
     */
    public static BrokerLimits defaults() {
        return new BrokerLimits(
                1000, 10_000, 64L << 20, 100, 50, 500, 1000, Duration.ofMinutes(10));
    }

    public BrokerLimits withClients(int n) {
        return new BrokerLimits(
                n,
                retained,
                retainedBytes,
                subscriptions,
                packetsPerSecond,
                burst,
                offlineSessions,
                offline);
    }

    public BrokerLimits withRetained(int n, long bytes) {
        return new BrokerLimits(
                clients,
                n,
                bytes,
                subscriptions,
                packetsPerSecond,
                burst,
                offlineSessions,
                offline);
    }

    public BrokerLimits withRate(int perSecond, int atOnce) {
        return new BrokerLimits(
                clients,
                retained,
                retainedBytes,
                subscriptions,
                perSecond,
                atOnce,
                offlineSessions,
                offline);
    }
}
