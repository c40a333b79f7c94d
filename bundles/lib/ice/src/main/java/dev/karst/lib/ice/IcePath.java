// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * A pair that a check went over, there and back.
 *
 * @param socket the number that it was added under
 * @param remote where to send
 * @param mapped how the peer sees this side
 * @param relayed whether a relay of either side is in it
 * @param rtt the check's round trip in nanoseconds
 */
public record IcePath(
        int socket,
        InetSocketAddress remote,
        InetSocketAddress mapped,
        CandidateType localType,
        CandidateType remoteType,
        boolean relayed,
        long rtt) {
    /** {@code 192.0.2.1:5} or {@code [2001:db8::1]:5}. */
    static String text(InetSocketAddress a) {
        String host = a.getAddress().getHostAddress();
        return (a.getAddress() instanceof Inet6Address ? "[" + host + "]" : host)
                + ":"
                + a.getPort();
    }
}
