// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.Arrays;

/**
 * A public X25519 key that its owner vouches for: the Ed25519 signature covers purpose, PeerId, key
 * and number (docs/wire.md). Among certificates of one purpose the highest number holds.
 *
 * @param key the certified X25519 public key, 32 bytes
 * @param number orders the owner's keys of this purpose; 1 or more
 * @param signature by the owner's identity key, 64 bytes
 */
public record KeyCertificate(byte[] key, long number, byte[] signature) {
    public KeyCertificate {
        if (key.length != 32 || signature.length != 64 || number < 1) {
            throw new IllegalArgumentException("malformed key certificate");
        }
        key = key.clone();
        signature = signature.clone();
    }

    @Override
    public byte[] key() {
        return key.clone();
    }

    @Override
    public byte[] signature() {
        return signature.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof KeyCertificate c
                && c.number == number
                && Arrays.equals(c.key, key)
                && Arrays.equals(c.signature, signature);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key) * 31 + Long.hashCode(number);
    }

    @Override
    public String toString() {
        return "KeyCertificate[number=" + number + "]";
    }
}
