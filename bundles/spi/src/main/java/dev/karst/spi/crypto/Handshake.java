// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.crypto;

import org.osgi.annotation.versioning.ConsumerType;

/** One Noise handshake, used by one thread at a time. Over after the first exception. */
@ConsumerType
public interface Handshake {
    /**
     * The next message.
     *
     * @param payload sealed as far as the pattern allows at this point; at most 60,000 bytes
     * @throws IllegalStateException if it is not our turn
     */
    byte[] write(byte[] payload);

    /**
     * Takes the peer's message.
     *
     * @return its payload
     * @throws java.security.GeneralSecurityException if it is forged, cut off or out of turn
     */
    byte[] read(byte[] message) throws java.security.GeneralSecurityException;

    /** Whether all messages went through; then {@link #records} may be called. */
    boolean complete();

    /** The peer's static public key, 32 bytes, once it is known. */
    byte[] remoteStatic();

    /**
     * Noise's handshake hash h after completion, 32 bytes: binds whatever is said of this channel.
     */
    byte[] hash();

    /** The keys of both directions. Once only, after completion. */
    RecordCipher records();
}
