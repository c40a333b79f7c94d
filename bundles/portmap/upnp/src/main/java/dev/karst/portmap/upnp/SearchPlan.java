// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.spi.net.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom to ask and for what.
 *
 * @param port 1900, but for tests
 * @param groups whether to ask the multicast groups too
 */
record SearchPlan(int port, boolean groups) {
    static final SearchPlan STANDARD = new SearchPlan(1900, true);
    static final String ROOT = "upnp:rootdevice";

    private static final String DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:";
    private static final String SERVICE = "urn:schemas-upnp-org:service:";
    private static final List<String> MAPPINGS =
            List.of(
                    DEVICE + "1",
                    DEVICE + "2",
                    SERVICE + "WANIPConnection:1",
                    SERVICE + "WANPPPConnection:1",
                    ROOT);
    private static final List<String> PINHOLES =
            List.of(DEVICE + "2", DEVICE + "1", SERVICE + "WANIPv6FirewallControl:1", ROOT);

    private static final InetAddress V4 = Literals.parse("239.255.255.250").orElseThrow();
    private static final InetAddress V6_LINK = Literals.parse("ff02::c").orElseThrow();
    private static final InetAddress V6_SITE = Literals.parse("ff05::c").orElseThrow();

    static List<String> targets(boolean firewall) {
        return firewall ? PINHOLES : MAPPINGS;
    }

    /** The group in which a gateway tells that it comes and goes. */
    InetSocketAddress news(boolean v6) {
        return new InetSocketAddress(v6 ? V6_LINK : V4, port);
    }

    /** The router itself, then the multicast groups: some answer the one, some the other. */
    List<InetSocketAddress> destinations(Network.Gateway route) {
        List<InetSocketAddress> out = new ArrayList<>();
        route.router().ifPresent(r -> out.add(new InetSocketAddress(r, port)));
        if (groups && route.local().getAddress().length == 4) {
            out.add(new InetSocketAddress(V4, port));
        } else if (groups) {
            out.add(new InetSocketAddress(V6_LINK, port));
            out.add(new InetSocketAddress(V6_SITE, port));
        }
        return out;
    }
}
