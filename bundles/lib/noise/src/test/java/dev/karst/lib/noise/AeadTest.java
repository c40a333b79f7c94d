// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AeadTest {
    private static final byte[] AD = {1, 2, 3, 4};

    private final byte[] key = new byte[32];
    private final Random random = new Random(5);

    AeadTest() {
        random.nextBytes(key);
    }

    private byte[] seal(Aead aead, long counter, byte[] plain) {
        byte[] out = new byte[plain.length + Aead.TAG];
        aead.seal(counter, AD, 0, AD.length, plain, 0, plain.length, out, 0);
        return out;
    }

    private static boolean open(Aead aead, long counter, byte[] sealed, byte[] out) {
        return aead.open(counter, AD, 0, AD.length, sealed, 0, sealed.length, out, 0);
    }

    @ParameterizedTest
    @EnumSource
    void aForgeryDoesNotSpoilTheGenuineRecord(NoiseSuite suite) {
        Aead sealer = new JdkAead(suite, key);
        Aead opener = new JdkAead(suite, key);
        byte[] plain = new byte[100];
        byte[] out = new byte[100];
        for (long counter : new long[] {0, 1, 5, -2}) {
            byte[] sealed = seal(sealer, counter, plain);
            byte[] forged = sealed.clone();
            forged[3]++;
            for (int i = 0; i < 3; i++) {
                assertFalse(open(opener, counter, forged, out));
            }
            assertTrue(open(opener, counter, sealed, out));
            assertArrayEquals(plain, out);
            assertTrue(open(opener, counter, sealed, out), "and even again");
        }
        assertFalse(open(opener, -1, new byte[20], out));
        assertFalse(open(opener, 1, new byte[15], out));
    }

    @ParameterizedTest
    @EnumSource
    void sealingTwiceUnderOneCounterIsRefused(NoiseSuite suite) {
        Aead aead = new JdkAead(suite, key);
        seal(aead, 7, new byte[1]);
        assertThrows(IllegalStateException.class, () -> seal(aead, 7, new byte[1]));
        seal(aead, 8, new byte[1]);
        assertThrows(IllegalArgumentException.class, () -> seal(aead, -1, new byte[1]));
    }

    /** Handshakes seal and open by one key, with neighbouring counters. */
    @ParameterizedTest
    @EnumSource
    void sealingAndOpeningMayAlternate(NoiseSuite suite) {
        Aead one = new JdkAead(suite, key);
        Aead two = new JdkAead(suite, key);
        byte[] plain = new byte[33];
        for (int i = 0; i < 10; i++) {
            Aead from = i % 2 == 0 ? one : two;
            byte[] out = new byte[33];
            assertTrue(open(from == one ? two : one, i, seal(from, i, plain), out));
        }
    }

    @ParameterizedTest
    @EnumSource
    void opensInPlaceAtAnyOffset(NoiseSuite suite) {
        NoiseRecords from = new NoiseRecords(new JdkAead(suite, key), new JdkAead(suite, key));
        NoiseRecords to = new NoiseRecords(new JdkAead(suite, key), new JdkAead(suite, key));
        ByteBuffer ad = ByteBuffer.wrap(AD, 1, 2);
        int counter = 0;
        for (int length : new int[] {0, 1, 15, 16, 17, 255, 1200, 16384, 65535}) {
            for (int offset : new int[] {0, 1, 13}) {
                byte[] plain = new byte[length];
                random.nextBytes(plain);
                byte[] frame = new byte[offset + length + Aead.TAG + 3];
                Arrays.fill(frame, (byte) 0x55);
                ByteBuffer out = ByteBuffer.wrap(frame).position(offset);
                ByteBuffer in = ByteBuffer.wrap(plain);
                from.seal(counter, ad, in, out);
                assertEquals(0, in.remaining());
                assertEquals(3, out.remaining());

                ByteBuffer sealed = ByteBuffer.wrap(frame, offset, length + Aead.TAG).slice();
                ByteBuffer opened = sealed.duplicate();
                assertTrue(to.open(counter++, ad, sealed, opened), "length " + length);
                assertEquals(0, sealed.remaining());
                assertEquals(ByteBuffer.wrap(plain), opened.flip());
                for (int i = 0; i < offset; i++) {
                    assertEquals(0x55, frame[i]);
                }
                assertEquals(0x55, frame[frame.length - 1]);
            }
        }
        assertEquals(1, ad.position());
    }

    @ParameterizedTest
    @EnumSource
    void tooLittleRoomMovesNothing(NoiseSuite suite) {
        NoiseRecords records = new NoiseRecords(new JdkAead(suite, key), new JdkAead(suite, key));
        ByteBuffer ad = ByteBuffer.wrap(AD);
        ByteBuffer plain = ByteBuffer.allocate(10);
        assertThrows(
                BufferOverflowException.class,
                () -> records.seal(1, ad, plain, ByteBuffer.allocate(25)));
        assertEquals(10, plain.remaining());
        ByteBuffer sealed = ByteBuffer.allocate(26);
        records.seal(1, ad, plain, sealed);
        sealed.flip();
        assertThrows(
                BufferOverflowException.class,
                () -> records.open(1, ad, sealed, ByteBuffer.allocate(9)));
        assertEquals(26, sealed.remaining());
        ByteBuffer out = ByteBuffer.allocate(10);
        sealed.put(0, (byte) (sealed.get(0) + 1));
        assertFalse(records.open(1, ad, sealed, out));
        assertEquals(0, out.position());
    }

    @Test
    void noncesAreAsNoiseWantsThem() {
        byte[] nonce = new byte[12];
        NoiseSuite.AESGCM.nonce(0x0102030405060708L, nonce);
        assertEquals("000000000102030405060708", HexFormat.of().formatHex(nonce));
        NoiseSuite.CHACHAPOLY.nonce(0x0102030405060708L, nonce);
        assertEquals("000000000807060504030201", HexFormat.of().formatHex(nonce));
    }
}
