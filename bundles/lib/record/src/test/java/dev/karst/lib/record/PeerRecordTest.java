// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PeerRecordTest {
    private final Ed25519.Pair keys = Ed25519.generate(new SecureRandom());
    private final PeerId id = PeerId.of(keys.publicKey());

    private PeerRecord record(long number) {
        return new PeerRecord(
                id,
                number,
                3600,
                Certificates.issue(keys.seed(), id, Certificates.HANDSHAKE, new byte[32], 1),
                Certificates.issue(keys.seed(), id, Certificates.SEAL, new byte[32], 2),
                List.of(Endpoint.parse("mqtt://broker:1883")));
    }

    @Test
    void rfc8032TestVector2() {
        HexFormat hex = HexFormat.of();
        byte[] seed =
                hex.parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        byte[] pub =
                hex.parseHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        byte[] signature = Ed25519.sign(seed, new byte[] {0x72});
        assertEquals(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                hex.formatHex(signature));
        assertTrue(Ed25519.verify(PeerId.of(pub), signature, new byte[] {0x72}));
    }

    @Test
    void signedRecordComesBack() {
        PeerRecord r = record(7);
        assertEquals(r, PeerRecord.verify(r.sign(keys.seed())));
    }

    @Test
    void someoneElsesSignatureIsRefused() {
        byte[] forged = record(7).sign(Ed25519.generate(new SecureRandom()).seed());
        assertThrows(IllegalArgumentException.class, () -> PeerRecord.verify(forged));
    }

    @Test
    void addressTextComesBack() {
        PeerAddress a =
                record(1).address().withCandidates(List.of(Endpoint.parse("tcp://[::1]:99")));
        assertEquals(a, PeerAddress.parse(a.toString()));
    }

    /** Bad bytes give the one documented exception. */
    @Test
    void fuzz() {
        Random random = new Random(42);
        byte[] good = record(7).sign(keys.seed());
        String text = record(7).address().toString();
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(i % 2 == 0 ? bad.length : 280)] ^= (byte) (1 + random.nextInt(255));
            if (i % 3 == 0) {
                bad = java.util.Arrays.copyOf(bad, random.nextInt(bad.length));
            }
            byte[] input = bad;
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PeerRecord.verify(input),
                    "seed 42 #" + i);
            StringBuilder t = new StringBuilder(text);
            t.setCharAt(random.nextInt(t.length()), (char) (33 + random.nextInt(90)));
            try {
                PeerAddress.parse(t.substring(0, 1 + random.nextInt(t.length())));
            } catch (IllegalArgumentException expected) {
                refused++;
            }
        }
        assertTrue(refused > 1000);
    }
}
