// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.time.Duration;

/**
 * How long a box remembers.
 *
 * @param udp life of a UDP mapping (RFC 4787 REQ-5: two minutes at least, five recommended)
 * @param refresh what begins that time anew
 * @param tcpTransitory while a connection opens or closes (RFC 5382 REQ-5)
 * @param tcpEstablished while it is open and idle
 * @param tcpClosed after a reset: nothing passes inwards, but a new SYN finds its old port
 */
public record NatTimers(
        Duration udp,
        Refresh refresh,
        Duration tcpTransitory,
        Duration tcpEstablished,
        Duration tcpClosed) {
    /** What the RFCs recommend. */
    public static NatTimers recommended() {
        return new NatTimers(
                Duration.ofMinutes(5),
                Refresh.SLIDING,
                Duration.ofSeconds(240),
                Duration.ofMinutes(124),
                Duration.ofSeconds(10));
    }

    public NatTimers withUdp(Duration life, Refresh by) {
        return new NatTimers(life, by, tcpTransitory, tcpEstablished, tcpClosed);
    }

    public NatTimers withTcp(Duration transitory, Duration established, Duration closed) {
        return new NatTimers(udp, refresh, transitory, established, closed);
    }
}
