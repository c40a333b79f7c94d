// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What kinds of address there are. */
final class Addresses {
    private Addresses() {}

    static boolean sameFamily(InetAddress a, InetAddress b) {
        return a instanceof Inet4Address == b instanceof Inet4Address;
    }

    /** RFC 1918, link-local, unique local (RFC 4193). */
    static boolean isPrivate(InetAddress a) {
        byte[] b = a.getAddress();
        return a.isSiteLocalAddress()
                || a.isLinkLocalAddress()
                || b.length == 16 && (b[0] & 0xfe) == 0xfc;
    }

    /** 100.64/10, RFC 6598: between a carrier's NAT and its customers. */
    static boolean isCarrier(InetAddress a) {
        byte[] b = a.getAddress();
        return b.length == 4 && b[0] == 100 && (b[1] & 0xc0) == 64;
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
                && isPrivate(s) == isPrivate(o)
                && isCarrier(s) == isCarrier(o);
    }

    static String text(InetSocketAddress a) {
        String host = a.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + a.getPort();
    }
}
