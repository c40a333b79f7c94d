// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.Endpoint;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
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
                if (e.scheme().equals("tcp") && same(e.host(), g.local())) {
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
        return local.getAddress().length == 16 ? Reach.isPublic(local) : !Reach.isPublic(local);
    }

    /** However the address was written in the settings; a name is nobody's address. */
    static boolean same(String host, InetAddress address) {
        return plain(host).equals(address.getHostAddress());
    }

    /** As {@link InetAddress#getHostAddress} writes it: without {@code ::} and leading zeros. */
    private static String plain(String host) {
        if (host.indexOf(':') < 0) {
            return host;
        }
        String text = host.toLowerCase(Locale.ROOT);
        int gap = text.indexOf("::");
        if (gap >= 0) {
            List<String> before = groups(text.substring(0, gap));
            List<String> after = groups(text.substring(gap + 2));
            List<String> all = new ArrayList<>(before);
            while (all.size() + after.size() < 8) {
                all.add("0");
            }
            all.addAll(after);
            text = String.join(":", all);
        }
        return text.replaceAll("(^|:)0+(?=[0-9a-f])", "$1");
    }

    private static List<String> groups(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(":"));
    }
}
