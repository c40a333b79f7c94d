// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import dev.karst.spi.nat.Translation;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link PortPredictor} is told. Made by strategies; may grow.
 *
 * @param nat what the detector learnt of this NAT for that protocol, some time ago
 * @param seen fresh observations of this attempt, the oldest first: never empty
 * @param next local ports of the sockets that will be used next, in the order of their first
 *     packets, which are a few milliseconds apart; all go to the peer
 * @param delay from the latest observation to the first of those packets
 */
public record PortSituation(
        Protocol protocol,
        Translation nat,
        List<Observation> seen,
        List<Integer> next,
        Duration delay) {
    /** What sockets are made for. */
    public enum Protocol {
        UDP,
        TCP
    }

    /**
     * What a server saw of a probe socket.
     *
     * @param local port
     * @param external port
     * @param at when, by the scope's {@code nanoTime}: only differences mean anything
     */
    public record Observation(int local, int external, long at) {}

    public PortSituation {
        seen = List.copyOf(seen);
        next = List.copyOf(next);
    }
}
