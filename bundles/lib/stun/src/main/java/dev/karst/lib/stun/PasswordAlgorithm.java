// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.util.HexFormat;

/**
 * An entry of PASSWORD-ALGORITHMS, RFC 8489 section 14.11.
 *
 * @param number 1 is MD5, 2 is SHA-256
 * @param parameters in hexadecimal; empty for both
 */
public record PasswordAlgorithm(int number, String parameters) {
    public static final PasswordAlgorithm MD5 = new PasswordAlgorithm(1, "");
    public static final PasswordAlgorithm SHA256 = new PasswordAlgorithm(2, "");

    public PasswordAlgorithm {
        if (number < 0 || number > 0xffff) {
            throw new IllegalArgumentException("number: 16 bits expected: " + number);
        }
        HexFormat.of().parseHex(parameters);
    }
}
