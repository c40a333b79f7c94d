// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

/**
 * One key of an authenticated cipher; the nonce is the counter. Used by one thread at a time. Works
 * on arrays, since that is what is fast with the JDK's ciphers.
 */
public interface Aead {
    /** Bytes that sealing adds. */
    int TAG = 16;

    /**
     * Seals {@code length} bytes into {@code length + TAG}.
     *
     * @param counter unsigned; never used twice for sealing, never 2^64 - 1
     * @throws IllegalArgumentException for the counter 2^64 - 1
     * @throws IllegalStateException if the last sealing used the same counter
     */
    void seal(
            long counter,
            byte[] ad,
            int adAt,
            int adLength,
            byte[] plain,
            int plainAt,
            int length,
            byte[] out,
            int outAt);

    /**
     * Opens {@code length} bytes into {@code length - TAG}; {@code sealed} and {@code out} may be
     * the same array. A counter may be offered again after it failed.
     *
     * @return false if it is forged or cut off; what {@code out} then holds is undefined
     */
    boolean open(
            long counter,
            byte[] ad,
            int adAt,
            int adLength,
            byte[] sealed,
            int sealedAt,
            int length,
            byte[] out,
            int outAt);
}
