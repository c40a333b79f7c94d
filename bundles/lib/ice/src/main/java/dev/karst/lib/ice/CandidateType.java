// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

/** Where a candidate comes from, RFC 8445 section 4. */
public enum CandidateType {
    HOST(126, "host"),
    PEER_REFLEXIVE(110, "prflx"),
    SERVER_REFLEXIVE(100, "srflx"),
    RELAYED(0, "relay");

    private final int preference;
    private final String token;

    CandidateType(int preference, String token) {
        this.preference = preference;
        this.token = token;
    }

    /** Type preference, RFC 8445 section 5.1.2.2. */
    public int preference() {
        return preference;
    }

    /** The word for it in SDP, RFC 8839 section 5.1. */
    public String token() {
        return token;
    }
}
