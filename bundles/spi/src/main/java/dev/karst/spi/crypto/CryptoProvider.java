// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.crypto;

import dev.karst.spi.Scope;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Noise handshakes (revision 34) and record ciphers for paths. Sans-I/O: takes and gives bytes on
 * the calling thread, never blocks. Service property: {@code karst.name}. The core prefers the
 * highest {@code service.ranking}.
 */
@ConsumerType
public interface CryptoProvider {
    /** Noise's name of a suite: {@code 25519_AESGCM_SHA256}. */
    String AESGCM = "25519_AESGCM_SHA256";

    /** Noise's name of a suite: {@code 25519_ChaChaPoly_SHA256}. */
    String CHACHAPOLY = "25519_ChaChaPoly_SHA256";

    /** Suites it can do, the one that is fastest on this machine first. */
    List<String> suites();

    /**
     * Begins a handshake.
     *
     * @param suite one of {@link #suites()}
     * @param pattern IK or XX
     * @param initiator which side
     * @param key this node's static key
     * @param expected the peer's static public key, 32 bytes: required for an IK initiator, else
     *     empty
     * @param prologue what both sides must agree on
     * @throws IllegalArgumentException for an unknown suite or a missing key
     */
    Handshake begin(
            String suite,
            Pattern pattern,
            boolean initiator,
            StaticKey key,
            Optional<byte[]> expected,
            byte[] prologue,
            Scope scope);

    /** Noise handshake patterns. */
    enum Pattern {
        /** The initiator knows the responder's static key: 2 messages. */
        IK,
        /** Nobody knows anything: 3 messages. */
        XX
    }

    /**
     * An X25519 key pair, raw (RFC 7748), 32 bytes each. Handed only to crypto providers; not to be
     * kept beyond the handshake.
     */
    record StaticKey(byte[] privateKey, byte[] publicKey) {
        @Override
        public String toString() {
            return "StaticKey[...]";
        }
    }
}
