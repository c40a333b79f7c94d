// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

/** What becomes of a packet from inside to the outside address (RFC 4787 section 6). */
public enum Hairpin {
    /** It is dropped. */
    NONE,
    /** It comes back in, from its internal address: an answer to that never passes the box. */
    INTERNAL_SOURCE,
    /** It comes back in, from its external address, as REQ-9 wants it. */
    EXTERNAL_SOURCE
}
