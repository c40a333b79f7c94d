// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.KarstException;
import dev.karst.PortInfo;
import dev.karst.core.registry.Detached;
import dev.karst.core.world.Log;
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

    static void log(String line) {
        Log.of(PortKeeper.class).log(System.Logger.Level.INFO, "{0}", line);
    }

    /** What a call failed with; never null. */
    static String why(Throwable e) {
        KarstException k = Detached.of(e);
        return k.getMessage() == null ? k.code().toString() : k.getMessage();
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
