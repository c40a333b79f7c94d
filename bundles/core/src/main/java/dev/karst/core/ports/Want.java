// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.IpAddresses;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A port of ours that others should reach.
 *
 * @param route the way out on whose router it is to be opened
 */
public record Want(Protocol protocol, InetSocketAddress internal, Gateway route) {
    PortRequest request(int suggested, Duration lifetime) {
        return new PortRequest(protocol, internal, suggested, lifetime);
    }

    boolean fits(PortLease lease) {
        return lease.protocol() == protocol && lease.internal().equals(internal);
    }

    /** Whether both mean the same socket, be it by another way out. */
    boolean sameSocket(Want o) {
        return protocol == o.protocol && internal.equals(o.internal);
    }

    @Override
    public String toString() {
        return protocol + " " + IpAddresses.text(internal);
    }
}
