// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.bouncycastle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.noise.Aead;
import dev.karst.lib.noise.JdkAead;
import dev.karst.lib.noise.JdkPrimitives;
import dev.karst.lib.noise.NoisePrimitives;
import dev.karst.lib.noise.NoiseSuite;
import dev.karst.spi.crypto.CryptoProvider;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BouncyCastlePrimitivesTest {
    private static final long SEED = 11;

    private final NoisePrimitives ours = new BouncyCastlePrimitives();
    private final NoisePrimitives jdk = new JdkPrimitives();
    private final Random random = new Random(SEED);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Random public keys: half of them on the twist, half with the ignored topmost bit. */
    @Test
    void agreesWithTheJdk() throws Exception {
        for (int i = 0; i < 200; i++) {
            byte[] privateKey = bytes(32);
            byte[] publicKey = bytes(32);
            assertArrayEquals(jdk.publicKey(privateKey), ours.publicKey(privateKey));
            assertArrayEquals(jdk.dh(privateKey, publicKey), ours.dh(privateKey, publicKey));
            byte[] data = bytes(random.nextInt(200));
            assertArrayEquals(jdk.hash(data, publicKey), ours.hash(data, publicKey));
            assertArrayEquals(jdk.hmac(privateKey, data), ours.hmac(privateKey, data));
        }
    }

    /** RFC 7748 section 5.2. */
    @Test
    void agreesWithTheRfc() throws Exception {
        HexFormat hex = HexFormat.of();
        byte[] shared =
                ours.dh(
                        hex.parseHex(
                                "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                        hex.parseHex(
                                "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"));
        assertEquals(
                "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
                hex.formatHex(shared));
    }

    @Test
    void refusesSmallOrderAndWrongLengths() {
        assertThrows(GeneralSecurityException.class, () -> ours.dh(bytes(32), new byte[32]));
        assertThrows(IllegalArgumentException.class, () -> ours.dh(bytes(32), new byte[31]));
        assertThrows(IllegalArgumentException.class, () -> ours.publicKey(new byte[33]));
    }

    @Test
    void theFallbackCipherAgreesWithTheJdk() {
        byte[] key = bytes(32);
        Aead fallback = new BouncyCastleChaCha(key);
        Aead jdkCipher = new JdkAead(NoiseSuite.CHACHAPOLY, key);
        byte[] ad = bytes(20);
        for (int length : new int[] {0, 1, 63, 64, 65, 1200, 65535}) {
            byte[] plain = bytes(length);
            byte[] frame = new byte[length + Aead.TAG + 5];
            byte[] same = new byte[length + Aead.TAG + 5];
            fallback.seal(length, ad, 2, 9, plain, 0, length, frame, 5);
            jdkCipher.seal(length, ad, 2, 9, plain, 0, length, same, 5);
            assertArrayEquals(same, frame);
            frame[5]++;
            assertFalse(fallback.open(length, ad, 2, 9, frame, 5, length + 16, frame, 5));
            frame[5]--;
            assertTrue(fallback.open(length, ad, 2, 9, frame, 5, length + 16, frame, 5));
            assertArrayEquals(plain, java.util.Arrays.copyOfRange(frame, 5, 5 + length));
        }
        assertThrows(
                IllegalStateException.class,
                () -> fallback.seal(65535, ad, 0, 0, ad, 0, 1, new byte[17], 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> fallback.seal(-1, ad, 0, 0, ad, 0, 1, new byte[17], 0));
    }

    @Test
    void putsTheFastSuiteFirstAndNoProviderIntoTheJvm() {
        assertEquals(
                List.of(CryptoProvider.AESGCM, CryptoProvider.CHACHAPOLY),
                new BouncyCastleCrypto(true).suites());
        assertEquals(
                List.of(CryptoProvider.CHACHAPOLY, CryptoProvider.AESGCM),
                new BouncyCastleCrypto(false).suites());
        assertEquals(null, Security.getProvider("BC"));
    }
}
