// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.util.regex.Pattern;

/**
 * User name fragment and password of one side, RFC 8445 section 5.3.
 *
 * @param ufrag 4 to 256 of {@code A-Z a-z 0-9 + /}
 * @param password 22 to 256 of the same
 */
public record IceCredentials(String ufrag, String password) {
    private static final Pattern UFRAG = Pattern.compile("[A-Za-z0-9+/]{4,256}");
    private static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9+/]{22,256}");

    public IceCredentials {
        if (!UFRAG.matcher(ufrag).matches()) {
            throw new IllegalArgumentException("ufrag: 4 to 256 letters and digits");
        }
        if (!PASSWORD.matcher(password).matches()) {
            throw new IllegalArgumentException("password: 22 to 256 letters and digits");
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return ufrag;
    }
}
