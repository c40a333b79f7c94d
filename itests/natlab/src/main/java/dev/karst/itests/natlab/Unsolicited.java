// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/** What somebody outside gets for a packet that no mapping lets in. */
public enum Unsolicited {
    /** Nothing. */
    DROP("drop"),
    /** A reset for TCP, nothing for UDP. */
    RST("rst"),
    /** ICMP port unreachable. */
    ICMP("icmp"),
    /** ICMP administratively prohibited. */
    PROHIBITED("prohibited"),
    /**
     * The router's own stack answers, and its connection tracking remembers the stranger: a later
     * packet of ours towards exactly that stranger then gets another external port.
     */
    STACK("stack");

    final String word;

    Unsolicited(String word) {
        this.word = word;
    }
}
