// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Which addresses of servers are believed. */
final class Addresses {
    private Addresses() {}

    static boolean sameFamily(InetAddress a, InetAddress b) {
        return a instanceof Inet4Address == b instanceof Inet4Address;
    }

    /** Whether a host can have it and be written to. */
    static boolean isUnicast(InetSocketAddress a) {
        InetAddress ip = a.getAddress();
        int first = ip.getAddress()[0] & 0xff;
        return a.getPort() > 0
                && !ip.isAnyLocalAddress()
                && !ip.isMulticastAddress()
                && !(ip instanceof Inet4Address && (first == 0 || first >= 240));
    }

    /**
     * Whether the other address that a server claims may be written to: a server must not send us
     * to machines that it could not reach itself, such as those of our own network.
     */
    static boolean mayBeOtherOf(InetSocketAddress server, InetSocketAddress other) {
        InetAddress s = server.getAddress();
        InetAddress o = other.getAddress();
        return isUnicast(other)
                && sameFamily(s, o)
                && !s.equals(o)
                && other.getPort() != server.getPort()
                && s.isLoopbackAddress() == o.isLoopbackAddress()
                && IpAddresses.isPrivate(s) == IpAddresses.isPrivate(o)
                && IpAddresses.isShared(s) == IpAddresses.isShared(o);
    }
}
