// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HandshakeTest {
    private final NoisePrimitives p = new JdkPrimitives();
    private final SecureRandom random = new SecureRandom();
    private final NoiseKeyPair a = Keys.fresh(p, random);
    private final NoiseKeyPair b = Keys.fresh(p, random);

    private NoiseHandshake begin(NoisePattern pattern, boolean initiator) {
        return new NoiseHandshake(
                pattern,
                initiator,
                NoiseSuite.AESGCM,
                p,
                initiator ? a : b,
                initiator && pattern.responderKnown()
                        ? Optional.of(b.publicKey())
                        : Optional.empty(),
                new byte[] {7},
                random);
    }

    @ParameterizedTest
    @EnumSource
    void everyTruncationFailsAndEndsTheHandshake(NoisePattern pattern) {
        byte[] message = begin(pattern, true).write(new byte[0]);
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            NoiseHandshake responder = begin(pattern, false);
            assertThrows(GeneralSecurityException.class, () -> responder.read(cut));
            assertThrows(GeneralSecurityException.class, () -> responder.read(message));
            assertThrows(IllegalStateException.class, () -> responder.write(new byte[0]));
            assertFalse(responder.complete());
        }
    }

    @Test
    void smallOrderKeysFailInReadAndNeverInWrite() throws Exception {
        NoiseHandshake responder = begin(NoisePattern.XX, false);
        assertThrows(GeneralSecurityException.class, () -> responder.read(new byte[32]));
        byte[] order8 = new byte[32];
        order8[0] = 1;
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new NoiseHandshake(
                                NoisePattern.IK,
                                true,
                                NoiseSuite.AESGCM,
                                p,
                                a,
                                Optional.of(order8),
                                new byte[0],
                                random));
    }

    @Test
    void turnsAreKept() throws Exception {
        NoiseHandshake initiator = begin(NoisePattern.XX, true);
        NoiseHandshake responder = begin(NoisePattern.XX, false);
        assertThrows(IllegalStateException.class, () -> responder.write(new byte[0]));
        assertThrows(IllegalStateException.class, initiator::remoteStatic);
        assertThrows(IllegalStateException.class, initiator::hash);
        assertThrows(IllegalStateException.class, initiator::split);
        responder.read(initiator.write(new byte[0]));
        initiator.read(responder.write(new byte[0]));
        byte[] last = initiator.write(new byte[0]);
        assertTrue(initiator.complete());
        responder.read(last);
        assertThrows(GeneralSecurityException.class, () -> responder.read(last));
        assertTrue(responder.complete(), "a repetition after the end does no harm");
        assertArrayEquals(a.publicKey(), responder.remoteStatic());
        responder.split();
        assertThrows(IllegalStateException.class, responder::split);
    }

    @Test
    void largestPayloadFits() throws Exception {
        NoiseHandshake initiator = begin(NoisePattern.IK, true);
        NoiseHandshake responder = begin(NoisePattern.IK, false);
        byte[] payload = new byte[NoiseHandshake.MAX_PAYLOAD];
        random.nextBytes(payload);
        assertThrows(
                IllegalArgumentException.class,
                () -> initiator.write(new byte[NoiseHandshake.MAX_PAYLOAD + 1]));
        assertArrayEquals(payload, responder.read(initiator.write(payload)));
        assertThrows(
                GeneralSecurityException.class,
                () -> begin(NoisePattern.IK, false).read(new byte[70_000]));
    }
}
