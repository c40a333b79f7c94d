// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * A port that should be open on the router in front of this node.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param internal where packets are to arrive
 * @param external where they are sent to; empty while there is no mapping, or the router does not
 *     tell its address
 * @param externalPort 0 while there is no mapping
 * @param by the protocol of the mapping, such as {@code pcp}; empty while there is none
 * @param gateway the router
 * @param until when the router would forget it; empty = when it is released
 * @param reachable {@code yes}, {@code no: } and why, or {@code unknown}
 * @param trouble why there is no mapping, or the last renewal failed; else empty
 */
public record PortInfo(
        String protocol,
        InetSocketAddress internal,
        Optional<InetSocketAddress> external,
        int externalPort,
        String by,
        String gateway,
        Optional<Instant> until,
        String reachable,
        String trouble) {
    /** Whether the router holds a mapping. */
    public boolean open() {
        return externalPort != 0;
    }
}
