// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

/**
 * An X25519 key pair, raw (RFC 7748). The arrays are not copied.
 *
 * @param privateKey 32 bytes
 * @param publicKey 32 bytes
 */
public record NoiseKeyPair(byte[] privateKey, byte[] publicKey) {
    public NoiseKeyPair {
        if (privateKey.length != 32 || publicKey.length != 32) {
            throw new IllegalArgumentException("X25519 keys have 32 bytes");
        }
    }

    @Override
    public String toString() {
        return "NoiseKeyPair[...]";
    }
}
