// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.portmap;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * A router that answered a probe: data, kept by the core.
 *
 * @param name for people, such as the router's address or model; at most 100 characters
 * @param external its external address, if it told; it may be private, and then leads nowhere
 * @param state what the mapper needs to speak to it again, its own business; small
 */
public record PortGateway(String name, Optional<InetAddress> external, Map<String, String> state) {
    public PortGateway {
        state = Map.copyOf(state);
    }
}
