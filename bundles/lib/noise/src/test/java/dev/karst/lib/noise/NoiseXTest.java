// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class NoiseXTest {
    private final NoisePrimitives p = new JdkPrimitives();
    private final SecureRandom random = new SecureRandom();
    private final NoiseKeyPair sender = Keys.fresh(p, random);
    private final NoiseKeyPair recipient = Keys.fresh(p, random);
    private final byte[] prologue = {1, 2};
    private final byte[] payload = "a signal".getBytes();

    private byte[] seal() throws GeneralSecurityException {
        return NoiseX.seal(
                p,
                recipient.publicKey(),
                sender.privateKey(),
                sender.publicKey(),
                prologue,
                payload,
                random);
    }

    private NoiseX.Opened open(NoiseKeyPair who, byte[] prologue, byte[] message)
            throws GeneralSecurityException {
        return NoiseX.open(p, who.privateKey(), who.publicKey(), prologue, message);
    }

    @Test
    void opensWhatWasSealedAndNamesTheSender() throws Exception {
        byte[] message = seal();
        assertEquals(payload.length + NoiseX.OVERHEAD, message.length);
        NoiseX.Opened opened = open(recipient, prologue, message);
        assertArrayEquals(payload, opened.payload());
        assertArrayEquals(sender.publicKey(), opened.senderStatic());
    }

    @Test
    void refusesAnotherRecipientAnotherPrologueAndEveryFlippedBit() throws Exception {
        byte[] message = seal();
        assertThrows(GeneralSecurityException.class, () -> open(sender, prologue, message));
        assertThrows(GeneralSecurityException.class, () -> open(recipient, payload, message));
        for (int bit = 0; bit < message.length * 8; bit += 5) {
            byte[] forged = message.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThrows(GeneralSecurityException.class, () -> open(recipient, prologue, forged));
        }
    }

    @Test
    void refusesAnUnusableRecipientAsABadInput() {
        assertThrows(
                GeneralSecurityException.class,
                () ->
                        NoiseX.seal(
                                p,
                                new byte[32],
                                sender.privateKey(),
                                sender.publicKey(),
                                prologue,
                                payload,
                                random));
    }
}
