// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * 96 bits that whoever changes a mapping must know (RFC 6887 section 11.1).
 *
 * @param hex 24 digits, lower case
 */
record Nonce(String hex) {
    static final int LENGTH = 12;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{24}");

    Nonce {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a nonce");
        }
    }

    static Nonce random(SecureRandom random) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        return of(bytes);
    }

    static Nonce of(byte[] bytes) {
        return new Nonce(HexFormat.of().formatHex(bytes));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** Who knows it can take the mapping away: not for logs. */
    @Override
    public String toString() {
        return "nonce";
    }
}
