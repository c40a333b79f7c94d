// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

/** Curve, cipher and hash, by Noise's name. */
public enum NoiseSuite {
    /** AES-256-GCM; the nonce is 4 zero bytes and the counter, big-endian. */
    AESGCM("25519_AESGCM_SHA256"),
    /** ChaCha20-Poly1305 (RFC 8439); 4 zero bytes and the counter, little-endian. */
    CHACHAPOLY("25519_ChaChaPoly_SHA256");

    private final String noiseName;

    NoiseSuite(String noiseName) {
        this.noiseName = noiseName;
    }

    /** The part of the protocol name behind the pattern. */
    public String noiseName() {
        return noiseName;
    }

    /**
     * The suite of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static NoiseSuite named(String noiseName) {
        for (NoiseSuite suite : values()) {
            if (suite.noiseName.equals(noiseName)) {
                return suite;
            }
        }
        throw new IllegalArgumentException("unknown suite: " + noiseName);
    }

    /** Fills the 12-byte nonce for {@code counter} (Noise revision 34, section 12). */
    public void nonce(long counter, byte[] nonce) {
        nonce[0] = 0;
        nonce[1] = 0;
        nonce[2] = 0;
        nonce[3] = 0;
        for (int i = 0; i < 8; i++) {
            int shift = this == AESGCM ? 56 - 8 * i : 8 * i;
            nonce[4 + i] = (byte) (counter >>> shift);
        }
    }
}
