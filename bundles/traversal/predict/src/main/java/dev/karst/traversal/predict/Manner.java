// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;

/** How well the external port of a side's next socket can be known, for one protocol. */
enum Manner {
    /** It is the same for all destinations: a server tells it. */
    FIXED,
    /** It follows a rule, and is the same for all ports of one address. */
    STEADY,
    /** It follows a rule, and each destination port gets another. */
    MOVING,
    RANDOM,
    /** The protocol does not pass, or nothing is known. */
    NONE;

    static Manner of(Translation t) {
        if (t.filtering() == Behavior.BLOCKED) {
            return NONE;
        }
        return switch (t.mapping()) {
            case NONE, ENDPOINT_INDEPENDENT -> FIXED;
            case ADDRESS_DEPENDENT -> ruled(t) ? STEADY : RANDOM;
            case ADDRESS_AND_PORT_DEPENDENT -> ruled(t) ? MOVING : RANDOM;
            default -> NONE;
        };
    }

    private static boolean ruled(Translation t) {
        Kind k = t.allocation().kind();
        return k != Kind.RANDOM && k != Kind.UNKNOWN;
    }

    /** Whether its port can be told beforehand. */
    boolean known() {
        return this == FIXED || this == STEADY || this == MOVING;
    }

    /** Whether one socket can write to many ports of one address by one external port. */
    boolean single() {
        return this == FIXED || this == STEADY;
    }
}
