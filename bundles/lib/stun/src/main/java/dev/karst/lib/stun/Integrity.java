// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What MESSAGE-INTEGRITY and FINGERPRINT hold, RFC 8489 sections 14.5 to 14.7. */
final class Integrity {
    private static final long FINGERPRINT_XOR = 0x5354554eL;

    private Integrity() {}

    /**
     * The MAC of a message up to an attribute, as if the message ended with that attribute.
     *
     * @param at where the attribute begins
     * @param length of its value; the MAC is cut to it
     */
    static byte[] mac(String algorithm, byte[] key, byte[] message, int at, int length) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            // The JDK takes no empty key; HMAC pads with zeros, so one zero is the same key.
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, algorithm));
            mac.update(message, 0, 2);
            int told = at + 4 + length - StunMessage.HEADER;
            mac.update((byte) (told >> 8));
            mac.update((byte) told);
            mac.update(message, 4, at - 4);
            byte[] out = mac.doFinal();
            return length < out.length ? Arrays.copyOf(out, length) : out;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    static boolean same(byte[] expected, Optional<byte[]> sent) {
        return MessageDigest.isEqual(expected, sent.orElseThrow());
    }

    static long fingerprint(byte[] message, int at) {
        CRC32 crc = new CRC32();
        crc.update(message, 0, 2);
        int told = at + 8 - StunMessage.HEADER;
        crc.update(told >> 8);
        crc.update(told);
        crc.update(message, 4, at - 4);
        return crc.getValue() ^ FINGERPRINT_XOR;
    }
}
