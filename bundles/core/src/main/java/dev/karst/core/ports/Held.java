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
    /**
     * Whether a router that has both may keep them as one, so that the end of one is the end of the
     * other: an address and port outside lead to one place only.
     */
    boolean shares(Held other) {
        PortLease a = lease;
        PortLease b = other.lease;
        return a.protocol() == b.protocol()
                && a.internal().equals(b.internal())
                && a.externalPort() == b.externalPort()
                && (a.external().isEmpty()
                        || b.external().isEmpty()
                        || a.external().equals(b.external()));
    }

    /** A pinhole: several may lead to one place, each with an end of its own. */
    boolean six() {
        return lease.internal().getAddress().getAddress().length == 16;
    }
}
