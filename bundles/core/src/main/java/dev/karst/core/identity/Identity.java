// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.identity;

import dev.karst.Endpoint;
import dev.karst.KeyCertificate;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.lib.noise.JdkPrimitives;
import dev.karst.lib.noise.NoiseKeyPair;
import dev.karst.lib.record.Certificates;
import dev.karst.lib.record.Ed25519;
import dev.karst.lib.record.PeerRecord;
import dev.karst.spi.crypto.CryptoProvider.StaticKey;
import java.security.SecureRandom;
import java.util.List;

/**
 * The keys of this node: Ed25519 for who it is, one X25519 key for path handshakes and one that
 * signals are sealed to, both certified by the first. By the JDK alone, so that they never depend
 * on a provider. Immutable.
 */
public final class Identity {
    private final Ed25519.Pair signing;
    private final PeerId id;
    private final NoiseKeyPair handshake;
    private final NoiseKeyPair seal;
    private final KeyCertificate handshakeCertificate;
    private final KeyCertificate sealCertificate;

    Identity(
            Ed25519.Pair signing,
            NoiseKeyPair handshake,
            long handshakeNumber,
            NoiseKeyPair seal,
            long sealNumber) {
        this.signing = signing;
        this.id = PeerId.of(signing.publicKey());
        this.handshake = handshake;
        this.seal = seal;
        this.handshakeCertificate =
                Certificates.issue(
                        signing.seed(),
                        id,
                        Certificates.HANDSHAKE,
                        handshake.publicKey(),
                        handshakeNumber);
        this.sealCertificate =
                Certificates.issue(
                        signing.seed(), id, Certificates.SEAL, seal.publicKey(), sealNumber);
    }

    /** A new identity. */
    public static Identity generate(SecureRandom random) {
        return new Identity(Ed25519.generate(random), x25519(random), 1, x25519(random), 1);
    }

    private static NoiseKeyPair x25519(SecureRandom random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return new JdkPrimitives().keyPair(secret);
    }

    public PeerId id() {
        return id;
    }

    public StaticKey staticKey() {
        return new StaticKey(handshake.privateKey(), handshake.publicKey());
    }

    public KeyCertificate handshakeCertificate() {
        return handshakeCertificate;
    }

    public PeerAddress address(List<Endpoint> signaling, List<Endpoint> candidates) {
        return new PeerAddress(id, handshakeCertificate, sealCertificate, signaling, candidates);
    }

    /** The signed public record. */
    public byte[] record(long number, long lifetimeSeconds, List<Endpoint> signaling) {
        return new PeerRecord(
                        id,
                        number,
                        lifetimeSeconds,
                        handshakeCertificate,
                        sealCertificate,
                        signaling)
                .sign(signing.seed());
    }

    NoiseKeyPair handshakeKey() {
        return handshake;
    }

    NoiseKeyPair sealKey() {
        return seal;
    }

    Ed25519.Pair signing() {
        return signing;
    }

    @Override
    public String toString() {
        return "Identity[" + id.brief() + "]";
    }
}
