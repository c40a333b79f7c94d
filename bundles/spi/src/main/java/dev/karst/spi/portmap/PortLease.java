// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.portmap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A mapping that was granted: data, kept by the core in its ledger, on disk too, so that another
 * version of the mapper, or the node after a crash, can renew or release it.
 *
 * @param internal where packets arrive
 * @param externalPort what the gateway gave, which need not be what was asked for
 * @param external the gateway's external address, if it told
 * @param lifetime that was granted, from the moment of the answer; zero = until it is released
 * @param state what renewing and releasing needs (nonce, gateway, control URL …); strings without
 *     line breaks, a few hundred characters in all
 */
public record PortLease(
        PortRequest.Protocol protocol,
        InetSocketAddress internal,
        int externalPort,
        Optional<InetAddress> external,
        Duration lifetime,
        Map<String, String> state) {
    public PortLease {
        state = Map.copyOf(state);
        if (externalPort < 1 || externalPort > 65535) {
            throw new IllegalArgumentException("not a port: " + externalPort);
        }
    }
}
