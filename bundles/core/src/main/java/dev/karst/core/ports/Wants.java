// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.Endpoint;
import dev.karst.IpAddresses;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which ports should be open on routers. */
public final class Wants {
    private Wants() {}

    /**
     * Those of our TCP listeners and UDP sockets whose address faces a router: private ones for
     * IPv4, since a public one needs no mapping, and global ones for IPv6.
     *
     * @param listening with literal addresses
     */
    public static Set<Want> of(
            List<Endpoint> listening, List<InetSocketAddress> udp, List<Gateway> gateways) {
        Set<Want> out = new LinkedHashSet<>();
        for (Gateway g : gateways) {
            if (!worthwhile(g.local())) {
                continue;
            }
            for (Endpoint e : listening) {
                if (e.scheme().equals("tcp") && e.literal().equals(Optional.of(g.local()))) {
                    out.add(new Want(Protocol.TCP, new InetSocketAddress(g.local(), e.port()), g));
                }
            }
            for (InetSocketAddress u : udp) {
                if (u.getAddress().equals(g.local())) {
                    out.add(new Want(Protocol.UDP, u, g));
                }
            }
        }
        return out;
    }

    private static boolean worthwhile(InetAddress local) {
        if (local.isLoopbackAddress() || local.isLinkLocalAddress()) {
            return false;
        }
        return local.getAddress().length == 16
                ? IpAddresses.isPublic(local)
                : !IpAddresses.isPublic(local);
    }
}
