// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A local end to send from: a host or relayed candidate.
 *
 * @param address may be the wildcard
 */
record Base(int socket, CandidateType type, InetSocketAddress address, int preference) {
    long priority() {
        return IcePriorities.of(type, preference);
    }

    /**
     * What the peer is to give a candidate that it learns by our check. RFC 8445 section 7.1.1 says
     * peer-reflexive whatever the base; from behind a relay that would make the relay look like the
     * direct way until the peer hears better, so a relay stays a relay.
     */
    long checkPriority() {
        return IcePriorities.of(
                type == CandidateType.RELAYED ? type : CandidateType.PEER_REFLEXIVE, preference);
    }

    /** Whether packets could go from here to there at all. */
    boolean reaches(InetSocketAddress to) {
        InetAddress a = to.getAddress();
        InetAddress own = address.getAddress();
        return usable(to)
                && a instanceof Inet4Address == own instanceof Inet4Address
                && (!a.isLoopbackAddress() || own.isLoopbackAddress())
                && (type != CandidateType.RELAYED || !isPrivate(a) || isPrivate(own))
                && (!a.isLinkLocalAddress()
                        || a instanceof Inet4Address
                        || own.isLinkLocalAddress());
    }

    /** RFC 1918, 6598, 4193: a relay outside cannot reach it, and must not be made to try. */
    private static boolean isPrivate(InetAddress a) {
        byte[] ip = a.getAddress();
        return a.isSiteLocalAddress()
                || a.isLinkLocalAddress()
                || a.isLoopbackAddress()
                || ip.length == 4 && ip[0] == 100 && (ip[1] & 0xc0) == 64
                || ip.length == 16 && (ip[0] & 0xfe) == 0xfc;
    }

    /** Unicast, with a port. */
    static boolean usable(InetSocketAddress a) {
        return !a.isUnresolved()
                && a.getPort() != 0
                && !a.getAddress().isAnyLocalAddress()
                && !a.getAddress().isMulticastAddress()
                && !(a.getAddress() instanceof Inet4Address
                        && (a.getAddress().getAddress()[0] & 0xff) >= 240);
    }
}
