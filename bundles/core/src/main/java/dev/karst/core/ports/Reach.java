// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.IpAddresses;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.portmap.PortLease;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Whether a mapping is worth anything: one on a router behind another NAT leads nowhere. */
final class Reach {
    private Reach() {}

    /**
     * {@code no: } and why, {@code yes} where servers see us at the address that the router says is
     * its own, else {@code unknown}.
     */
    static String judge(PortLease lease, NatProfile nat) {
        if (lease.external().isEmpty()) {
            return "unknown";
        }
        InetAddress external = lease.external().get();
        if (external.getAddress().length == 16) {
            return "unknown"; // a pinhole: the address is our own
        }
        if (!IpAddresses.isPublic(external)) {
            return "no: the router's own address "
                    + external.getHostAddress()
                    + " is private: another NAT stands behind it";
        }
        Optional<InetSocketAddress> seen = nat.ipv4().flatMap(n -> n.mapped());
        if (seen.isEmpty()) {
            return "unknown";
        }
        return seen.get().getAddress().equals(external)
                ? "yes"
                : "no: servers see us at "
                        + seen.get().getAddress().getHostAddress()
                        + ", not at the router's address: another NAT stands behind it";
    }
}
