// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.util.Base64;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The start of a nonce that tells which security features a server has, RFC 8489 section 9.2:
 * {@code obMatJos2} and 24 bits in 4 characters of base64.
 */
public final class NonceCookie {
    /** Bit 0: PASSWORD-ALGORITHMS. The most significant of the 24. */
    public static final int PASSWORD_ALGORITHMS = 1 << 23;

    /** Bit 1: USERHASH instead of USERNAME. */
    public static final int USERNAME_ANONYMITY = 1 << 22;

    private static final String MARK = "obMatJos2";

    private NonceCookie() {}

    /** The nonce with the features before it. */
    public static String nonce(int features, String rest) {
        byte[] bits = {(byte) (features >> 16), (byte) (features >> 8), (byte) features};
        return MARK + Base64.getEncoder().encodeToString(bits) + rest;
    }

    /** The features that a nonce tells; nothing if it has no cookie. */
    public static OptionalInt features(String nonce) {
        int end = MARK.length() + 4;
        if (!nonce.startsWith(MARK) || nonce.length() < end) {
            return OptionalInt.empty();
        }
        return decode(nonce.substring(MARK.length(), end))
                .map(b -> OptionalInt.of((b[0] & 0xff) << 16 | (b[1] & 0xff) << 8 | b[2] & 0xff))
                .orElse(OptionalInt.empty());
    }

    private static Optional<byte[]> decode(String text) {
        try {
            byte[] bits = Base64.getDecoder().decode(text);
            return bits.length == 3 ? Optional.of(bits) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
