// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.CryptoProvider.Pattern;
import dev.karst.spi.crypto.CryptoProvider.StaticKey;
import dev.karst.spi.crypto.Handshake;
import dev.karst.spi.crypto.RecordCipher;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.TestInstance;

/** Pairs of providers that shake hands with each other, and how they do it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CryptoFixture {
    static final byte[] PROLOGUE = {'t', 'c', 'k'};
    static final byte[] EMPTY = {};

    final StaticKey a = freshKey();
    final StaticKey b = freshKey();
    private final List<Case> alone = new ArrayList<>();
    private final List<Case> all = new ArrayList<>();

    /** The provider under test; called once. */
    protected abstract CryptoProvider provider();

    /** Providers it must understand, and be understood by; none by default. */
    protected List<CryptoProvider> others() {
        return List.of();
    }

    CryptoFixture() {
        CryptoProvider provider = provider();
        for (Pattern pattern : Pattern.values()) {
            for (String suite : provider.suites()) {
                Case self = new Case(suite, pattern, provider, provider);
                alone.add(self);
                all.add(self);
                for (CryptoProvider other : others()) {
                    if (other.suites().contains(suite)) {
                        all.add(new Case(suite, pattern, provider, other));
                        all.add(new Case(suite, pattern, other, provider));
                    }
                }
            }
        }
    }

    /** The provider with itself. */
    List<Case> alone() {
        return alone;
    }

    /** The provider with itself and, in both roles, with the others. */
    List<Case> all() {
        return all;
    }

    /** Who shakes hands with whom, and how. */
    record Case(String suite, Pattern pattern, CryptoProvider initiator, CryptoProvider responder) {
        int messages() {
            return pattern == Pattern.IK ? 2 : 3;
        }

        @Override
        public String toString() {
            String who = initiator.getClass().getSimpleName();
            String whom = responder.getClass().getSimpleName();
            return pattern + " " + suite + ", " + who + " to " + whom;
        }
    }

    /** The two ends of one handshake. */
    record Ends(Handshake initiator, Handshake responder) {
        Handshake writer(int message) {
            return message % 2 == 0 ? initiator : responder;
        }

        Handshake reader(int message) {
            return message % 2 == 0 ? responder : initiator;
        }
    }

    /** The ciphers of a completed handshake. */
    record Channel(RecordCipher initiator, RecordCipher responder) {}

    /** Changes a handshake message on its way. */
    @FunctionalInterface
    interface Mischief {
        byte[] apply(int number, byte[] message);
    }

    Ends begin(Case c, long seed) {
        return begin(c, a, b, PROLOGUE, seed);
    }

    Ends begin(Case c, StaticKey initiator, StaticKey responder, byte[] theirPrologue, long seed) {
        return new Ends(
                c.initiator()
                        .begin(
                                c.suite(),
                                c.pattern(),
                                true,
                                initiator,
                                expected(c.pattern(), b),
                                PROLOGUE,
                                new TestScope(seed)),
                c.responder()
                        .begin(
                                c.suite(),
                                c.pattern(),
                                false,
                                responder,
                                Optional.empty(),
                                theirPrologue,
                                new TestScope(~seed)));
    }

    static Optional<byte[]> expected(Pattern pattern, StaticKey responder) {
        return pattern == Pattern.IK ? Optional.of(responder.publicKey()) : Optional.empty();
    }

    /** Passes all messages, each with a payload of {@code size} bytes. */
    static void run(Case c, Ends ends, int size, Mischief mischief)
            throws GeneralSecurityException {
        for (int i = 0; i < c.messages(); i++) {
            byte[] payload = new byte[size];
            java.util.Arrays.fill(payload, (byte) ('0' + i));
            byte[] written = ends.writer(i).write(payload);
            byte[] message = mischief.apply(i, written);
            byte[] read = ends.reader(i).read(message);
            // XX's first payload is in the clear: that it was altered shows in the next message.
            if (message == written) {
                assertArrayEquals(payload, read, "payload of message " + i);
            }
        }
    }

    Channel channel(Case c) {
        return channel(c, 99);
    }

    Channel channel(Case c, long seed) {
        Ends ends = begin(c, seed);
        try {
            run(c, ends, 3, (i, message) -> message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("an honest handshake failed", e);
        }
        return new Channel(ends.initiator().records(), ends.responder().records());
    }

    static StaticKey freshKey() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
            byte[] secret = ((XECPrivateKey) pair.getPrivate()).getScalar().orElseThrow();
            return new StaticKey(secret, raw(((XECPublicKey) pair.getPublic()).getU()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] raw(BigInteger u) {
        byte[] bigEndian = u.toByteArray();
        byte[] out = new byte[32];
        for (int i = 0; i < bigEndian.length && i < 32; i++) {
            out[i] = bigEndian[bigEndian.length - 1 - i];
        }
        return out;
    }
}
