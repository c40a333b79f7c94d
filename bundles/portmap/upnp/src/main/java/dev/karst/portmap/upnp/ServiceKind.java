// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.util.Optional;

/**
 * A kind of service that opens ports.
 *
 * @param type without prefix, such as {@code WANIPConnection:2}
 */
record ServiceKind(String type) {
    private static final String PREFIX = "urn:schemas-upnp-org:service:";

    static Optional<ServiceKind> of(String urn) {
        String s = urn.trim();
        return s.regionMatches(true, 0, PREFIX, 0, PREFIX.length())
                ? named(s.substring(PREFIX.length()))
                : Optional.empty();
    }

    /** By {@link #type}. */
    static Optional<ServiceKind> named(String type) {
        return type.matches("(WANIPConnection|WANPPPConnection|WANIPv6FirewallControl):[1-9]")
                ? Optional.of(new ServiceKind(type))
                : Optional.empty();
    }

    String urn() {
        return PREFIX + type;
    }

    /** Pinholes, not mappings. */
    boolean firewall() {
        return type.startsWith("WANIPv6");
    }

    int version() {
        return type.charAt(type.length() - 1) - '0';
    }
}
