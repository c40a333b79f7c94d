// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.Network.InterfaceAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Whom a way out believes to be a gateway, and which URLs of it are followed. Without this rule any
 * machine of the LAN, or anybody who can send a forged datagram, could make the node send requests
 * to hosts of his choice.
 *
 * @param local the address that packets leave with
 * @param router the next hop, if the system tells
 * @param addresses of that interface
 */
record Neighbours(
        InetAddress local, Optional<InetAddress> router, List<InterfaceAddress> addresses) {
    static Neighbours of(Network.Gateway route, Network network) {
        return new Neighbours(
                route.local(),
                route.router(),
                network.interfaces().stream().filter(i -> i.name().equals(route.name())).toList());
    }

    /**
     * The router of the route; or, since there may be several gateways, a private (RFC 1918, RFC
     * 6598) or link-local neighbour on a subnet of the route's interface; for IPv6 any neighbour
     * there.
     */
    boolean gateway(InetAddress from) {
        if (from.isAnyLocalAddress() || from.isMulticastAddress() || differs(from)) {
            return false;
        }
        if (isRouter(from)) {
            return true;
        }
        if (from.isLoopbackAddress()) {
            return local.isLoopbackAddress() && onLink(from);
        }
        if (v6()) {
            return from.isLinkLocalAddress() || onLink(from);
        }
        return (IpAddresses.isPrivate(from) || IpAddresses.isShared(from)) && onLink(from);
    }

    /**
     * The address that answered. An IPv6 router has several and may answer from one and name
     * another (miniupnpd does), so there: also another one on the same link.
     */
    boolean host(InetAddress gateway, InetAddress host) {
        if (Literals.same(gateway, host)) {
            return true;
        }
        return v6()
                && !host.isLoopbackAddress()
                && (isRouter(gateway) || gateway.isLinkLocalAddress())
                && gateway(host);
    }

    /**
     * @throws UpnpFailure if that is not followed
     */
    HttpUrl check(InetAddress gateway, HttpUrl url) {
        if (!host(gateway, url.host())) {
            throw UpnpFailure.forbidden(
                    "the URL "
                            + Foreign.text(url.toString(), 80)
                            + " is not followed: it leads to another host than the gateway "
                            + IpAddresses.text(gateway));
        }
        return url;
    }

    boolean isRouter(InetAddress a) {
        return router.isPresent() && Literals.same(router.get(), a);
    }

    private boolean v6() {
        return local.getAddress().length == 16;
    }

    private boolean differs(InetAddress a) {
        return a.getAddress().length != local.getAddress().length;
    }

    private boolean onLink(InetAddress a) {
        return addresses.stream().anyMatch(i -> within(i.address(), i.prefix(), a));
    }

    static boolean within(InetAddress net, int prefix, InetAddress a) {
        byte[] x = net.getAddress();
        byte[] y = a.getAddress();
        if (x.length != y.length || prefix <= 0 || prefix > 8 * x.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> bit % 8;
            if (((x[bit / 8] ^ y[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
