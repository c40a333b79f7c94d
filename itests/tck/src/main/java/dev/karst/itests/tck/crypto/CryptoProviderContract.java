// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.CryptoProvider.Pattern;
import dev.karst.spi.crypto.CryptoProvider.StaticKey;
import dev.karst.spi.crypto.Handshake;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract of {@link CryptoProvider} as a test: extend it, give a {@link #provider()} and, to
 * prove that it is Noise and not merely at one with itself, some {@link #others()}.
 */
public abstract class CryptoProviderContract extends RecordContract {
    private static final long SEED = 0x68616e64L;
    private static final int MAX_PAYLOAD = 60_000;

    private static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void suitesAreKnownAndStayTheSame() {
        CryptoProvider provider = alone().get(0).initiator();
        List<String> suites = provider.suites();
        assertEquals(suites.size(), Set.copyOf(suites).size());
        assertTrue(
                Set.of(CryptoProvider.AESGCM, CryptoProvider.CHACHAPOLY).containsAll(suites),
                suites::toString);
        assertEquals(suites, provider.suites());
    }

    @ParameterizedTest
    @MethodSource("all")
    void bothEndsKnowEachOther(Case c) throws Exception {
        for (int size : new int[] {0, 1, 1000}) {
            Ends ends = begin(c, size);
            assertFalse(ends.initiator().complete());
            assertThrows(IllegalStateException.class, () -> ends.initiator().records());
            assertThrows(IllegalStateException.class, () -> ends.initiator().hash());
            run(c, ends, size, (i, message) -> message);
            assertTrue(ends.initiator().complete());
            assertTrue(ends.responder().complete());
            assertEquals(32, ends.initiator().hash().length);
            assertArrayEquals(ends.initiator().hash(), ends.responder().hash());
            assertArrayEquals(b.publicKey(), ends.initiator().remoteStatic());
            assertArrayEquals(a.publicKey(), ends.responder().remoteStatic());
            ends.initiator().records();
            assertThrows(IllegalStateException.class, () -> ends.initiator().records());
        }
    }

    /** Noise revision 34: e is 32 bytes, a sealed s 48, a sealed payload 16 more than it. */
    @ParameterizedTest
    @MethodSource("alone")
    void messagesHaveTheLengthsOfNoise(Case c) throws Exception {
        int[] overhead = c.pattern() == Pattern.IK ? new int[] {96, 48} : new int[] {32, 96, 64};
        byte[][] lengths = new byte[3][];
        run(c, begin(c, 1), 40, (i, message) -> lengths[i] = message);
        for (int i = 0; i < c.messages(); i++) {
            assertEquals(overhead[i] + 40, lengths[i].length, "message " + i);
            boolean clear = text(lengths[i]).contains(text(new byte[] {'0', '0', '0', '0'}));
            assertEquals(c.pattern() == Pattern.XX && i == 0, clear, "payload in the clear");
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void allRandomnessIsTheScopes(Case c) throws Exception {
        byte[] first = begin(c, 5).initiator().write(EMPTY);
        assertArrayEquals(first, begin(c, 5).initiator().write(EMPTY));
        assertNotEquals(text(first), text(begin(c, 6).initiator().write(EMPTY)));
    }

    @ParameterizedTest
    @MethodSource("alone")
    void whatTheCallerGaveIsLeftAlone(Case c) throws Exception {
        String keys = text(a.privateKey()) + text(a.publicKey()) + text(b.privateKey());
        byte[] payload = {1, 2, 3};
        Ends ends = begin(c, 7);
        byte[] message = ends.initiator().write(payload);
        String sent = text(message);
        ends.responder().read(message);
        ends.initiator().read(ends.responder().write(EMPTY));
        assertEquals(keys, text(a.privateKey()) + text(a.publicKey()) + text(b.privateKey()));
        assertEquals("010203", text(payload));
        assertEquals(sent, text(message));
        assertArrayEquals(new byte[] {'t', 'c', 'k'}, PROLOGUE);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theWrongPeerOrPrologueOrSuiteFails(Case c) {
        assertFails(c, begin(c, a, b, new byte[] {'x'}, 1));
        if (c.pattern() == Pattern.IK) {
            assertFails(c, begin(c, a, freshKey(), PROLOGUE, 1));
        }
        for (Case other : alone()) {
            if (!other.suite().equals(c.suite()) && other.pattern() == c.pattern()) {
                assertFails(c, new Ends(begin(c, 1).initiator(), begin(other, 1).responder()));
            }
        }
        // A public key whose private key one does not have proves nothing.
        assertFails(
                c, begin(c, new StaticKey(freshKey().privateKey(), a.publicKey()), b, PROLOGUE, 1));
    }

    private static void assertFails(Case c, Ends ends) {
        assertFails(c, ends, (i, message) -> message);
    }

    private static void assertFails(Case c, Ends ends, Mischief mischief) {
        assertThrows(GeneralSecurityException.class, () -> run(c, ends, 5, mischief));
    }

    @ParameterizedTest
    @MethodSource("alone")
    void everyAlteredMessageFails(Case c) {
        Random random = new Random(SEED);
        for (int number = 0; number < c.messages(); number++) {
            int target = number;
            for (int at = 0; at < 101; at += 7) {
                int position = at;
                byte flip = (byte) (1 << random.nextInt(8));
                Ends ends = begin(c, at);
                assertFails(
                        c,
                        ends,
                        (i, message) -> {
                            byte[] altered = message.clone();
                            if (i == target) {
                                altered[position % altered.length] ^= flip;
                            }
                            return altered;
                        });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void everyCutOrExtendedMessageFails(Case c) {
        for (int number = 0; number < c.messages(); number++) {
            int target = number;
            for (int change : new int[] {-1, 1, -5, -16, -17, -32, -48, -1000}) {
                assertFails(
                        c,
                        begin(c, change),
                        (i, message) ->
                                i == target
                                        ? Arrays.copyOf(
                                                message, Math.max(0, message.length + change))
                                        : message);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void messagesOfOtherSessionsAndTurnsFail(Case c) throws Exception {
        Ends one = begin(c, 1);
        Ends two = begin(c, 2);
        byte[] first = one.initiator().write(EMPTY);
        byte[] other = two.initiator().write(EMPTY);
        one.responder().read(first);
        two.responder().read(other);
        byte[] answer = two.responder().write(EMPTY);
        assertThrows(GeneralSecurityException.class, () -> one.initiator().read(answer));
        assertThrows(GeneralSecurityException.class, () -> one.responder().read(first));

        Ends reflected = begin(c, 3);
        byte[] own = reflected.initiator().write(EMPTY);
        assertThrows(GeneralSecurityException.class, () -> reflected.initiator().read(own));

        Ends early = begin(c, 4);
        assertThrows(GeneralSecurityException.class, () -> early.initiator().read(first));
        assertThrows(IllegalStateException.class, () -> begin(c, 5).responder().write(EMPTY));
        Ends twice = begin(c, 6);
        twice.initiator().write(EMPTY);
        assertThrows(IllegalStateException.class, () -> twice.initiator().write(EMPTY));
        Ends done = begin(c, 7);
        run(c, done, 0, (i, message) -> message);
        assertThrows(GeneralSecurityException.class, () -> done.responder().read(first));
        assertThrows(IllegalStateException.class, () -> done.initiator().write(EMPTY));
    }

    @ParameterizedTest
    @MethodSource("alone")
    void aFailedHandshakeIsOver(Case c) throws Exception {
        Ends ends = begin(c, 1);
        ends.responder().read(ends.initiator().write(EMPTY));
        byte[] answer = ends.responder().write(EMPTY);
        byte[] forged = answer.clone();
        forged[forged.length - 1]++;
        Handshake initiator = ends.initiator();
        assertThrows(GeneralSecurityException.class, () -> initiator.read(forged));
        assertThrows(GeneralSecurityException.class, () -> initiator.read(answer));
        assertFalse(initiator.complete());
        assertThrows(IllegalStateException.class, initiator::records);
        assertThrows(IllegalStateException.class, () -> initiator.write(EMPTY));
    }

    /** RFC 7748 section 7: else the peer chooses the key for both. Refused by read, not write. */
    @ParameterizedTest
    @MethodSource("alone")
    void keysOfSmallOrderFail(Case c) {
        byte[] one = new byte[200];
        one[0] = 1;
        for (byte[] message : List.of(new byte[200], one)) {
            Handshake responder = begin(c, 1).responder();
            assertThrows(GeneralSecurityException.class, () -> responder.read(message));
        }
        if (c.pattern() == Pattern.IK) {
            assertIllegal(c, a, Optional.of(new byte[32]));
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void garbageFailsWithGeneralSecurityExceptionOnly(Case c) {
        Random random = new Random(SEED);
        byte[] valid = begin(c, 1).initiator().write(new byte[10]);
        for (int i = 0; i < 400; i++) {
            byte[] message = new byte[random.nextInt(200)];
            random.nextBytes(message);
            if (i % 2 == 0) {
                message = Arrays.copyOf(valid, Math.max(0, valid.length + random.nextInt(9) - 4));
                message[random.nextInt(message.length)] ^= (byte) (1 + random.nextInt(255));
            }
            Handshake responder = begin(c, i).responder();
            try {
                responder.read(message);
                responder.write(EMPTY); // XX has read a clear message: it must be able to answer
            } catch (GeneralSecurityException expected) {
                assertFalse(responder.complete());
            } catch (RuntimeException e) {
                fail("seed " + SEED + ", message " + i, e);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void theLargestPayloadFitsAndALargerIsRefused(Case c) throws Exception {
        run(c, begin(c, 1), MAX_PAYLOAD, (i, message) -> message);
        Handshake initiator = begin(c, 1).initiator();
        byte[] tooLong = new byte[MAX_PAYLOAD + 1];
        assertThrows(IllegalArgumentException.class, () -> initiator.write(tooLong));
    }

    @ParameterizedTest
    @MethodSource("alone")
    void illegalArgumentsAreRefused(Case c) {
        Optional<byte[]> peer = expected(c.pattern(), b);
        if (c.pattern() == Pattern.IK) {
            assertIllegal(c, a, Optional.empty());
            assertIllegal(c, a, Optional.of(new byte[31]));
        }
        assertIllegal(c, new StaticKey(new byte[31], a.publicKey()), peer);
        assertIllegal(c, new StaticKey(a.privateKey(), EMPTY), peer);
        CryptoProvider p = c.initiator();
        String suite = c.suite();
        Pattern pattern = c.pattern();
        TestScope scope = new TestScope(1);
        for (String unknown : List.of("", "25519_AESGCM_SHA512", suite.toLowerCase())) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> p.begin(unknown, pattern, true, a, peer, PROLOGUE, scope));
        }
        List<Runnable> nulls =
                List.of(
                        () -> p.begin(null, pattern, true, a, peer, PROLOGUE, scope),
                        () -> p.begin(suite, null, true, a, peer, PROLOGUE, scope),
                        () -> p.begin(suite, pattern, true, null, peer, PROLOGUE, scope),
                        () -> p.begin(suite, pattern, true, a, null, PROLOGUE, scope),
                        () -> p.begin(suite, pattern, true, a, peer, null, scope),
                        () -> p.begin(suite, pattern, true, a, peer, PROLOGUE, null),
                        () -> begin(c, 1).initiator().write(null));
        for (Runnable call : nulls) {
            assertThrows(RuntimeException.class, call::run);
        }
        assertThrows(RuntimeException.class, () -> begin(c, 1).responder().read(null));
    }

    private static void assertIllegal(Case c, StaticKey key, Optional<byte[]> peer) {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        c.initiator()
                                .begin(
                                        c.suite(),
                                        c.pattern(),
                                        true,
                                        key,
                                        peer,
                                        PROLOGUE,
                                        new TestScope(1)));
    }

    /** A handshake that another began knows nothing of it: the ends share no state. */
    @ParameterizedTest
    @MethodSource("alone")
    void interleavedHandshakesDoNotMix(Case c) throws Exception {
        Ends one = begin(c, 1);
        Ends two = begin(c, 2);
        for (int i = 0; i < c.messages(); i++) {
            byte[] first = one.writer(i).write(EMPTY);
            byte[] second = two.writer(i).write(EMPTY);
            one.reader(i).read(first);
            two.reader(i).read(second);
        }
        assertNotEquals(text(one.initiator().hash()), text(two.initiator().hash()));
        ByteBuffer ad = ByteBuffer.allocate(0);
        byte[] sealed = seal(one.initiator().records(), 0, ad, new byte[] {42});
        assertArrayEquals(new byte[] {42}, open(one.responder().records(), 0, ad, sealed));
    }
}
