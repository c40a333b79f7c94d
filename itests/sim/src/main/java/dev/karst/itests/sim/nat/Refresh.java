// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

/** What keeps a UDP mapping alive (RFC 4787 section 4.3). */
public enum Refresh {
    /** Packets of both directions. */
    SLIDING,
    /** Packets from inside only. */
    OUTBOUND_ONLY,
    /** Nothing: the mapping ends a fixed time after it began. */
    ABSOLUTE
}
