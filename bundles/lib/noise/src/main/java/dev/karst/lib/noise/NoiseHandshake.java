// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One handshake (Noise revision 34, section 5.3). Used by one thread at a time; over after the
 * first exception of {@link #read} or {@link #write}. Private keys are wiped when it ends.
 */
public final class NoiseHandshake {
    /** Longest payload, in bytes: leaves room for the keys and tags within Noise's 65,535. */
    public static final int MAX_PAYLOAD = 60_000;

    private static final int MAX_MESSAGE = 65_535;

    private final NoisePattern pattern;
    private final boolean initiator;
    private final NoisePrimitives primitives;
    private final SecureRandom random;
    private final SymmetricState state;
    private final byte[] staticPrivate;
    private final byte[] staticPublic;
    private byte[] ephemeralPrivate;
    private byte[] remoteStatic;
    private byte[] remoteEphemeral;
    private int next;
    private boolean failed;
    private boolean split;

    /**
     * Begins.
     *
     * @param own this side's static key; copied
     * @param remote the responder's static key, for an initiator whose pattern knows it; else empty
     * @param prologue what both sides must agree on
     * @param random gives 32 bytes for the ephemeral key
     * @throws IllegalArgumentException if {@code remote} is missing, superfluous, not 32 bytes or
     *     of small order
     */
    public NoiseHandshake(
            NoisePattern pattern,
            boolean initiator,
            NoiseSuite suite,
            NoisePrimitives primitives,
            NoiseKeyPair own,
            Optional<byte[]> remote,
            byte[] prologue,
            SecureRandom random) {
        boolean needed = initiator && pattern.responderKnown();
        if (remote.isPresent() != needed) {
            throw new IllegalArgumentException(
                    (needed ? "the peer's static key is needed by " : "no static key fits ")
                            + (initiator ? "the initiator of " : "the responder of ")
                            + pattern);
        }
        if (initiator || pattern != NoisePattern.X) {
            Objects.requireNonNull(random);
        }
        if (needed && PublicKeys.smallOrder(remote.get())) {
            throw new IllegalArgumentException("the peer's static key is of small order");
        }
        this.pattern = pattern;
        this.initiator = initiator;
        this.primitives = primitives;
        this.random = random;
        this.remoteStatic = remote.map(byte[]::clone).orElse(null);
        this.state =
                new SymmetricState(primitives, suite, "Noise_" + pattern + "_" + suite.noiseName());
        state.mixHash(prologue);
        this.staticPrivate = own.privateKey().clone();
        this.staticPublic = own.publicKey().clone();
        if (pattern.responderKnown()) {
            state.mixHash(initiator ? remoteStatic : staticPublic);
        }
    }

    /** For published test vectors only. */
    void fixEphemeral(byte[] privateKey) {
        ephemeralPrivate = privateKey.clone();
    }

    /**
     * The next message.
     *
     * @param payload at most {@value #MAX_PAYLOAD} bytes
     * @throws IllegalArgumentException if it is longer
     * @throws IllegalStateException if it is not our turn
     */
    public byte[] write(byte[] payload) {
        if (payload.length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("payload of " + payload.length + " bytes");
        }
        if (failed || !ourTurn()) {
            throw new IllegalStateException(failed ? "the handshake failed" : "not our turn");
        }
        byte[] message = new byte[2 * (PublicKeys.LENGTH + Aead.TAG) + payload.length + Aead.TAG];
        int length = 0;
        try {
            for (NoisePattern.Token token : pattern.messages().get(next)) {
                byte[] part =
                        switch (token) {
                            case E -> {
                                byte[] ephemeral = freshEphemeral();
                                state.mixHash(ephemeral);
                                yield ephemeral;
                            }
                            case S -> state.encryptAndHash(staticPublic);
                            default -> {
                                mixDh(token);
                                yield new byte[0];
                            }
                        };
                System.arraycopy(part, 0, message, length, part.length);
                length += part.length;
            }
            byte[] sealed = state.encryptAndHash(payload);
            System.arraycopy(sealed, 0, message, length, sealed.length);
            length += sealed.length;
        } catch (GeneralSecurityException e) {
            // Unreachable by what a peer sends: its keys were checked when they were read.
            fail();
            throw new IllegalStateException("the handshake failed", e);
        } catch (RuntimeException e) {
            fail();
            throw e;
        }
        advance();
        return Arrays.copyOf(message, length);
    }

    /**
     * Takes the peer's message.
     *
     * @return its payload
     * @throws GeneralSecurityException if it is forged, cut off, too long or out of turn
     */
    public byte[] read(byte[] message) throws GeneralSecurityException {
        Objects.requireNonNull(message);
        if (complete()) { // a late repetition does no harm
            throw new GeneralSecurityException("the handshake is complete");
        }
        boolean good = false;
        try {
            if (failed || ourTurn()) {
                throw new GeneralSecurityException(
                        failed ? "the handshake failed before" : "a message out of turn");
            }
            if (message.length > MAX_MESSAGE) {
                throw new GeneralSecurityException("a message of " + message.length + " bytes");
            }
            byte[] payload = readTokens(message);
            good = true;
            advance();
            return payload;
        } finally {
            if (!good) {
                fail();
            }
        }
    }

    private byte[] readTokens(byte[] message) throws GeneralSecurityException {
        int at = 0;
        for (NoisePattern.Token token : pattern.messages().get(next)) {
            switch (token) {
                case E -> {
                    remoteEphemeral = key(cut(message, at, PublicKeys.LENGTH));
                    state.mixHash(remoteEphemeral);
                    at += PublicKeys.LENGTH;
                }
                case S -> {
                    int length = PublicKeys.LENGTH + (state.keyed() ? Aead.TAG : 0);
                    remoteStatic = key(state.decryptAndHash(cut(message, at, length)));
                    at += length;
                }
                default -> mixDh(token);
            }
        }
        return state.decryptAndHash(cut(message, at, message.length - at));
    }

    private static byte[] cut(byte[] message, int at, int length) throws GeneralSecurityException {
        if (message.length - at < length) {
            throw new GeneralSecurityException("the message is cut off");
        }
        return Arrays.copyOfRange(message, at, at + length);
    }

    private static byte[] key(byte[] publicKey) throws GeneralSecurityException {
        if (PublicKeys.smallOrder(publicKey)) {
            throw new GeneralSecurityException("a public key of small order");
        }
        return publicKey;
    }

    private byte[] freshEphemeral() {
        if (ephemeralPrivate == null) {
            ephemeralPrivate = new byte[PublicKeys.LENGTH];
            random.nextBytes(ephemeralPrivate);
        }
        return primitives.publicKey(ephemeralPrivate);
    }

    /** The first letter is the initiator's key, the second the responder's. */
    private void mixDh(NoisePattern.Token token) throws GeneralSecurityException {
        boolean ownEphemeral =
                switch (token) {
                    case EE -> true;
                    case ES -> initiator;
                    case SE -> !initiator;
                    default -> false;
                };
        boolean theirEphemeral =
                switch (token) {
                    case EE -> true;
                    case ES -> !initiator;
                    case SE -> initiator;
                    default -> false;
                };
        state.mixKey(
                primitives.dh(
                        ownEphemeral ? ephemeralPrivate : staticPrivate,
                        theirEphemeral ? remoteEphemeral : remoteStatic));
    }

    private boolean ourTurn() {
        List<?> messages = pattern.messages();
        return next < messages.size() && (next % 2 == 0) == initiator;
    }

    private void advance() {
        next++;
        if (complete()) {
            wipeKeys();
        }
    }

    private void fail() {
        failed = true;
        wipeKeys();
        state.wipe();
    }

    private void wipeKeys() {
        Arrays.fill(staticPrivate, (byte) 0);
        if (ephemeralPrivate != null) {
            Arrays.fill(ephemeralPrivate, (byte) 0);
        }
    }

    /** Whether all messages went through. */
    public boolean complete() {
        return !failed && next == pattern.messages().size();
    }

    /**
     * The peer's static key, 32 bytes.
     *
     * @throws IllegalStateException while it is not known, or after a failure
     */
    public byte[] remoteStatic() {
        if (failed || remoteStatic == null) {
            throw new IllegalStateException("the peer's static key is not known");
        }
        return remoteStatic.clone();
    }

    /**
     * The handshake hash, 32 bytes (section 11.2).
     *
     * @throws IllegalStateException before completion
     */
    public byte[] hash() {
        requireComplete();
        return state.hash();
    }

    /**
     * The ciphers of both directions. Once only. Of a one-way pattern, the responder must not seal.
     *
     * @throws IllegalStateException before completion, or the second time
     */
    public NoiseRecords split() {
        requireComplete();
        if (split) {
            throw new IllegalStateException("split before");
        }
        split = true;
        Aead[] ciphers = state.split();
        state.wipe();
        return initiator
                ? new NoiseRecords(ciphers[0], ciphers[1])
                : new NoiseRecords(ciphers[1], ciphers[0]);
    }

    private void requireComplete() {
        if (!complete()) {
            throw new IllegalStateException("the handshake is not complete");
        }
    }
}
