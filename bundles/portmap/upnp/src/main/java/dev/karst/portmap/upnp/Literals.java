// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/** Address literals as routers write them; never a name, so nothing is ever resolved. */
final class Literals {
    private Literals() {}

    /**
     * Without brackets; an IPv6 zone is allowed and dropped. An IPv4 address in IPv6 form is
     * refused: no gateway has to use it.
     */
    static Optional<InetAddress> parse(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        int zone = v6 ? text.indexOf('%') : -1;
        return IpAddresses.parse(zone < 0 ? text : text.substring(0, zone))
                .filter(a -> v6 != a instanceof Inet4Address);
    }

    /** The same bits, whatever the zone. */
    static boolean same(InetAddress a, InetAddress b) {
        return Arrays.equals(a.getAddress(), b.getAddress());
    }
}
