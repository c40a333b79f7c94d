// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Keys for the MACs from names and passwords, RFC 8489 sections 9.1, 9.2 and 18.5. */
public final class StunKeys {
    private StunKeys() {}

    /**
     * Key of a short-term credential.
     *
     * @throws IllegalArgumentException if the password has characters that SASLprep forbids
     */
    public static byte[] shortTerm(String password) {
        return utf8(prepared("password", password));
    }

    /**
     * Key of a long-term credential: hash of {@code user:realm:password}.
     *
     * @throws IllegalArgumentException if a part has characters that SASLprep forbids, or the
     *     algorithm is unknown
     */
    public static byte[] longTerm(
            String user, String realm, String password, PasswordAlgorithm algorithm) {
        String hash =
                switch (algorithm.number()) {
                    case 1 -> "MD5";
                    case 2 -> "SHA-256";
                    default -> throw new IllegalArgumentException("unknown password " + algorithm);
                };
        String text =
                prepared("user", user)
                        + ":"
                        + prepared("realm", realm)
                        + ":"
                        + prepared("password", password);
        return hash(hash, utf8(text));
    }

    /** Value of USERHASH: SHA-256 of {@code user:realm}. */
    public static byte[] userHash(String user, String realm) {
        return hash("SHA-256", utf8(prepared("user", user) + ":" + prepared("realm", realm)));
    }

    private static String prepared(String what, String text) {
        return SaslPrep.prepare(text)
                .orElseThrow(
                        () -> new IllegalArgumentException(what + ": has forbidden characters"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hash(String algorithm, byte[] data) {
        try {
            return MessageDigest.getInstance(algorithm).digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
