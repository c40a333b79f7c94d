// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.net.InetSocketAddress;

/** What a box does with one packet. */
public sealed interface NatVerdict {
    /** The two sides of a box. */
    enum Side {
        INSIDE,
        OUTSIDE
    }

    /**
     * Send it on with these addresses. For an ICMP error they are those of the quoted packet, and
     * the error itself goes to {@code source}.
     *
     * @param side where it leaves
     */
    record Forward(Side side, InetSocketAddress source, InetSocketAddress destination)
            implements NatVerdict {}

    /** Forget it. */
    record Drop(Reason reason) implements NatVerdict {}

    /** Forget it, and answer on the side it came from. */
    record Reject(Reason reason, Answer answer) implements NatVerdict {}

    /** What the sender of a packet is told. */
    enum Answer {
        /** From the address that the packet was for. */
        TCP_RST,
        ICMP_PORT_UNREACHABLE,
        ICMP_ADMIN_PROHIBITED
    }

    /** Why a packet did not pass. */
    enum Reason {
        UDP_BLOCKED,
        /** Nobody inside has that external port. */
        NO_MAPPING,
        FILTERED,
        /** From inside to the outside address, and the box does not hairpin. */
        HAIRPIN,
        /** The inside host has too many mappings already. */
        QUOTA,
        TABLE_FULL,
        NO_PORT,
        /** TCP in the middle of a connection that the box does not know. */
        NO_STATE
    }
}
