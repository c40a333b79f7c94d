// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.PortInfo;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.portmap.PortLease;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Leases as people read them. */
final class Words {
    private Words() {}

    /** One line for the log. */
    static String line(Held h) {
        PortLease l = h.lease();
        return l.protocol()
                + " "
                + l.external().map(a -> a.getHostAddress()).orElse("?")
                + ":"
                + l.externalPort()
                + " -> "
                + l.internal().getAddress().getHostAddress()
                + ":"
                + l.internal().getPort()
                + " by "
                + h.by()
                + " on "
                + h.gateway();
    }

    /**
     * @param held null while there is no mapping
     */
    static PortInfo info(Want want, Held held, String trouble, NatProfile nat) {
        String protocol = want.protocol().name().toLowerCase(Locale.ROOT);
        if (held == null) {
            return new PortInfo(
                    protocol,
                    want.internal(),
                    Optional.empty(),
                    0,
                    "",
                    "",
                    Optional.empty(),
                    "unknown",
                    trouble);
        }
        PortLease l = held.lease();
        return new PortInfo(
                protocol,
                want.internal(),
                l.external().map(a -> new InetSocketAddress(a, l.externalPort())),
                l.externalPort(),
                held.by(),
                held.gateway(),
                held.until().equals(Instant.MAX) ? Optional.empty() : Optional.of(held.until()),
                Reach.judge(l, nat),
                trouble);
    }
}
