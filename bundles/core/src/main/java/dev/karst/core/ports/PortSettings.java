// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import java.time.Duration;
import java.util.List;

/**
 * What may be opened on routers.
 *
 * @param on false = nothing is ever asked of a router
 * @param protocols names of mappers that may be used; empty = all
 * @param lifetime to ask for
 */
public record PortSettings(boolean on, List<String> protocols, Duration lifetime) {
    public PortSettings {
        protocols = List.copyOf(protocols);
        if (lifetime.compareTo(Duration.ofSeconds(120)) < 0) {
            throw new IllegalArgumentException("a port lease of less than 120 s: " + lifetime);
        }
    }

    /** On, by every protocol, for an hour: RFC 6886 and 6887 advise 2 h at most. */
    public static PortSettings defaults() {
        return new PortSettings(true, List.of(), Duration.ofHours(1));
    }

    boolean allows(String protocol) {
        return on && (protocols.isEmpty() || protocols.contains(protocol));
    }
}
