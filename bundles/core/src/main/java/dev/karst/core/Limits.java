// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import java.time.Duration;

/**
 * Every limit of a node, in one record.
 *
 * @param sessions peers at once
 * @param pipesPerSession open pipes of one session
 * @param window most bytes a pipe keeps for replay and lets the peer send ahead
 * @param replayPerPeer bytes kept for replay for all pipes of a peer
 * @param replayPerNode bytes kept for replay for all peers
 * @param suspendLimit how long a session waits for a path before its pipes fail
 * @param connectTimeout how long a connect looks for a path
 * @param handshakeTimeout how long a path may take to authenticate
 * @param pendingHandshakes inbound paths that have not authenticated
 * @param pingInterval idle time after which a path is checked
 * @param pingTimeout how long an answer may take before the path counts as dead
 * @param signalsPerSecond inbound signals opened per second, all senders together
 */
public record Limits(
        int sessions,
        int pipesPerSession,
        int window,
        long replayPerPeer,
        long replayPerNode,
        Duration suspendLimit,
        Duration connectTimeout,
        Duration handshakeTimeout,
        int pendingHandshakes,
        Duration pingInterval,
        Duration pingTimeout,
        int signalsPerSecond) {
    public static Limits defaults() {
        return new Limits(
                1024,
                2048,
                16 << 20,
                64L << 20,
                Math.max(32L << 20, Runtime.getRuntime().maxMemory() / 4),
                Duration.ofMinutes(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                64,
                Duration.ofSeconds(10),
                Duration.ofSeconds(4),
                200);
    }
}
