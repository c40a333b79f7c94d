// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

import java.util.Optional;

/**
 * What stands between a node and the Internet. Travels, without its evidence, only inside sealed
 * signals: it and the addresses in it would tell where somebody lives.
 *
 * @param ipv4 empty where the node has no IPv4 or nothing is known of it
 * @param ipv6 likewise
 */
public record NatProfile(Optional<NatBehavior> ipv4, Optional<NatBehavior> ipv6) {
    /** Nothing is known yet. */
    public static NatProfile unknown() {
        return new NatProfile(Optional.empty(), Optional.empty());
    }

    /** Of IPv4 alone. */
    public static NatProfile of(NatBehavior ipv4) {
        return new NatProfile(Optional.of(ipv4), Optional.empty());
    }
}
