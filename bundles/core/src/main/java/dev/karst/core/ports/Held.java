// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.spi.portmap.PortLease;
import java.time.Instant;

/**
 * A lease and what the core knows of it.
 *
 * @param by name of the mapper's protocol
 * @param gateway the router, for people
 * @param until wall clock: for people, and to forget what a crashed node left; {@link Instant#MAX}
 *     = until it is released
 */
public record Held(String by, String gateway, PortLease lease, Instant until) {
    /** Whether it has no end of its own. */
    boolean permanent() {
        return lease.lifetime().isZero();
    }

    boolean ended(Instant now) {
        return !until.isAfter(now);
    }

    boolean pinhole() {
        return lease.internal().getAddress().getAddress().length == 16;
    }

    /** Whether others still find the port where it was. */
    boolean samePlace(Held o) {
        return by.equals(o.by)
                && lease.externalPort() == o.lease.externalPort()
                && lease.external().equals(o.lease.external());
    }

    /**
     * Whether releasing one would close the other, too. For IPv4 that is so whoever asked for them:
     * a router has one row for a port outside, and miniupnpd lets each protocol end it. Pinholes
     * are a protocol's own.
     */
    boolean samePort(Held o) {
        return (by.equals(o.by) || !pinhole())
                && lease.protocol() == o.lease.protocol()
                && lease.internal().equals(o.lease.internal())
                && lease.externalPort() == o.lease.externalPort();
    }
}
