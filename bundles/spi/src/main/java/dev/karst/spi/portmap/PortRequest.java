// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.portmap;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A mapping that is wanted: packets to an external port are to reach {@code internal}. For IPv6 it
 * is a pinhole: nothing is translated, and the external endpoint is the internal one.
 *
 * @param internal a specific address of this machine and the port that is open there
 * @param suggestedPort the external port to ask for; the gateway may give another
 * @param lifetime to ask for; the gateway may give another
 */
public record PortRequest(
        Protocol protocol, InetSocketAddress internal, int suggestedPort, Duration lifetime) {
    /** What is mapped. */
    public enum Protocol {
        TCP,
        UDP
    }

    public PortRequest {
        if (internal.isUnresolved() || internal.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException("not a specific address: " + internal);
        }
        if (suggestedPort < 1 || suggestedPort > 65535) {
            throw new IllegalArgumentException("not a port: " + suggestedPort);
        }
    }

    /** Whether it is a pinhole. */
    public boolean ipv6() {
        return internal.getAddress().getAddress().length == 16;
    }
}
