// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.security.GeneralSecurityException;

/** The algorithms below Noise. Thread-safe and without state. */
public interface NoisePrimitives {
    /** The key pair of 32 random bytes, which are copied. */
    default NoiseKeyPair keyPair(byte[] random) {
        return new NoiseKeyPair(random.clone(), publicKey(random));
    }

    /**
     * X25519 of a private key and the base point (RFC 7748 section 6.1).
     *
     * @param privateKey 32 bytes, clamped here
     */
    byte[] publicKey(byte[] privateKey);

    /**
     * X25519 (RFC 7748 section 5).
     *
     * @return 32 bytes
     * @throws GeneralSecurityException if the result is all zero: a public key of small order
     */
    byte[] dh(byte[] privateKey, byte[] publicKey) throws GeneralSecurityException;

    /** SHA-256 of the parts in order. */
    byte[] hash(byte[]... parts);

    /** HMAC-SHA-256 of the parts in order. */
    byte[] hmac(byte[] key, byte[]... parts);

    /**
     * A cipher under a key.
     *
     * @param key 32 bytes, copied
     */
    Aead aead(NoiseSuite suite, byte[] key);
}
