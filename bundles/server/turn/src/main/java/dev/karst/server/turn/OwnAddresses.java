// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Addresses of this machine. */
final class OwnAddresses {
    private OwnAddresses() {}

    /** Of all interfaces, as packets show them. */
    static Set<InetAddress> all() throws IOException {
        Set<InetAddress> out = new HashSet<>();
        for (NetworkInterface i : NetworkInterface.networkInterfaces().toList()) {
            for (InetAddress a : i.inetAddresses().toList()) {
                // Without the interface's name, which takes part in equals.
                out.add(
                        a instanceof Inet6Address
                                ? Inet6Address.getByAddress(null, a.getAddress(), -1)
                                : a);
            }
        }
        return out;
    }

    /** Where relayed sockets are bound: named, or those listened on; a wildcard is looked up. */
    static List<ServerConfig.Address> relayed(ServerConfig config) {
        List<ServerConfig.Address> out = new ArrayList<>();
        List<ServerConfig.Address> named = config.relay().addresses();
        for (ServerConfig.Address a : named.isEmpty() ? config.addresses() : named) {
            if (a.told().isAnyLocalAddress()) {
                InetAddress own = towardsTheWorld(a.four());
                out.add(new ServerConfig.Address(a.bind(), own));
            } else {
                out.add(a);
            }
        }
        return List.copyOf(out);
    }

    private static InetAddress towardsTheWorld(boolean four) {
        try (DatagramChannel c = DatagramChannel.open()) { // nothing is sent
            c.connect(new InetSocketAddress(four ? "192.0.2.1" : "2001:db8::1", 9));
            return ((InetSocketAddress) c.getLocalAddress()).getAddress();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "a wildcard, and no route that tells the relay's address: set relayAddresses",
                    e);
        }
    }
}
