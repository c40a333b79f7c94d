// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

/**
 * What stands between this node and the Internet, in the words of RFC 4787. Travels only inside
 * sealed signals.
 *
 * @param mapping how external ports are chosen for UDP
 * @param filtering what may come in
 */
public record NatProfile(Behavior mapping, Behavior filtering) {
    /** RFC 4787 section 4.1 and 5. */
    public enum Behavior {
        UNKNOWN,
        /** No translation, or no filtering. */
        NONE,
        ENDPOINT_INDEPENDENT,
        ADDRESS_DEPENDENT,
        ADDRESS_AND_PORT_DEPENDENT,
        /** UDP does not pass at all. */
        BLOCKED
    }

    /** Nothing is known yet. */
    public static NatProfile unknown() {
        return new NatProfile(Behavior.UNKNOWN, Behavior.UNKNOWN);
    }
}
