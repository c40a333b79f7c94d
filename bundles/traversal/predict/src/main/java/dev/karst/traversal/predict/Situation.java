// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PortSituation.Observation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What all rounds of one attempt share.
 *
 * @param target the only address that anything is sent to: where servers saw the peer
 * @param servers to ask, the nearest first
 * @param udp what servers saw of UDP sockets in this attempt so far
 * @param tcp and of TCP ones
 */
record Situation(
        Attempt attempt,
        Limits limits,
        Clocks clocks,
        Pace pace,
        InetAddress target,
        List<InetSocketAddress> servers,
        List<Observation> udp,
        List<Observation> tcp) {

    /** A dead one is not asked for ever. */
    InetSocketAddress server(int round) {
        return servers.get(round % servers.size());
    }
}
