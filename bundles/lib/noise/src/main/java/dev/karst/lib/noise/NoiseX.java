// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Single sealed messages: {@code Noise_X_25519_AESGCM_SHA256}. The sender is authenticated and
 * hidden; there is no forward secrecy against loss of the recipient's key, and no protection
 * against replay.
 */
public final class NoiseX {
    /** Bytes that sealing adds: ephemeral key, sealed static key, tag. */
    public static final int OVERHEAD = 32 + 32 + 2 * Aead.TAG;

    private NoiseX() {}

    /**
     * An opened message.
     *
     * @param payload what was sealed
     * @param senderStatic the sender's public key, 32 bytes, proven
     */
    public record Opened(byte[] payload, byte[] senderStatic) {}

    /**
     * Seals.
     *
     * @param payload at most {@value NoiseHandshake#MAX_PAYLOAD} bytes
     * @throws GeneralSecurityException if the recipient's key is of small order: it comes from the
     *     network, so this is no fault of the caller
     * @throws IllegalArgumentException if the payload is too long or a key is not 32 bytes
     */
    public static byte[] seal(
            NoisePrimitives primitives,
            byte[] recipientPublic,
            byte[] senderPrivate,
            byte[] senderPublic,
            byte[] prologue,
            byte[] payload,
            SecureRandom random)
            throws GeneralSecurityException {
        if (PublicKeys.smallOrder(recipientPublic)) {
            throw new GeneralSecurityException("a public key of small order");
        }
        return new NoiseHandshake(
                        NoisePattern.X,
                        true,
                        NoiseSuite.AESGCM,
                        primitives,
                        new NoiseKeyPair(senderPrivate, senderPublic),
                        Optional.of(recipientPublic),
                        prologue,
                        random)
                .write(payload);
    }

    /**
     * Opens.
     *
     * @throws GeneralSecurityException if it is forged, cut off or meant for another
     */
    public static Opened open(
            NoisePrimitives primitives,
            byte[] recipientPrivate,
            byte[] recipientPublic,
            byte[] prologue,
            byte[] message)
            throws GeneralSecurityException {
        NoiseHandshake handshake =
                new NoiseHandshake(
                        NoisePattern.X,
                        false,
                        NoiseSuite.AESGCM,
                        primitives,
                        new NoiseKeyPair(recipientPrivate, recipientPublic),
                        Optional.empty(),
                        prologue,
                        null); // writes nothing, so needs no ephemeral key
        byte[] payload = handshake.read(message);
        return new Opened(payload, handshake.remoteStatic());
    }
}
