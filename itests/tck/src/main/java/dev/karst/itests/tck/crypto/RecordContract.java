// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.crypto.RecordCipher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link RecordCipher} promises. */
abstract class RecordContract extends CryptoFixture {
    private static final long SEED = 0x7265636fL;
    private static final ByteBuffer AD = ByteBuffer.wrap(new byte[] {9, 8, 7});

    private final Random random = new Random(SEED);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static byte[] seal(RecordCipher cipher, long counter, ByteBuffer ad, byte[] plain) {
        ByteBuffer out = ByteBuffer.allocate(plain.length + RecordCipher.TAG);
        cipher.seal(counter, ad, ByteBuffer.wrap(plain), out);
        assertEquals(0, out.remaining());
        return out.array();
    }

    /** The plain text, or null when it was refused. */
    static byte[] open(RecordCipher cipher, long counter, ByteBuffer ad, byte[] sealed) {
        ByteBuffer out = ByteBuffer.allocate(Math.max(0, sealed.length - RecordCipher.TAG));
        if (cipher.open(counter, ad, ByteBuffer.wrap(sealed.clone()), out)) {
            assertEquals(0, out.remaining());
            return out.array();
        }
        assertEquals(0, out.position(), "out moved though the record was refused");
        return null;
    }

    private static void assertOpens(RecordCipher cipher, long counter, byte[] sealed, byte[] want) {
        byte[] plain = open(cipher, counter, AD, sealed);
        assertTrue(Arrays.equals(want, plain), "record " + Long.toUnsignedString(counter));
    }

    private static void assertRefused(RecordCipher cipher, long counter, byte[] sealed) {
        assertTrue(open(cipher, counter, AD, sealed) == null, "a forgery was opened");
    }

    @ParameterizedTest
    @MethodSource("all")
    void recordsOfAllSizesGoBothWays(Case c) {
        Channel channel = channel(c);
        int counter = 0;
        for (int size : new int[] {0, 1, 15, 16, 17, 63, 64, 65, 1200, 16384, 65535, 65536}) {
            byte[] plain = bytes(size);
            assertOpens(
                    channel.responder(),
                    counter,
                    seal(channel.initiator(), counter, AD, plain),
                    plain);
            assertOpens(
                    channel.initiator(),
                    counter,
                    seal(channel.responder(), counter, AD, plain),
                    plain);
            counter++;
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void buffersMoveAsTheyShouldAtAnyOffset(Case c) {
        Channel channel = channel(c);
        int counter = 0;
        for (int offset : new int[] {0, 1, 13, 300}) {
            for (int size : new int[] {0, 5, 1200}) {
                byte[] plain = bytes(size);
                ByteBuffer in = ByteBuffer.wrap(new byte[offset + size + 4]);
                in.position(offset).put(plain).position(offset).limit(offset + size);
                ByteBuffer ad = ByteBuffer.wrap(bytes(40)).position(7).limit(7 + offset % 30);
                ByteBuffer frame = ByteBuffer.wrap(new byte[offset + size + 40]);
                Arrays.fill(frame.array(), (byte) 0x5a);
                frame.position(3);
                ByteBuffer slice = frame.slice().position(offset);

                channel.initiator().seal(counter, ad, in, slice);
                assertEquals(0, in.remaining(), "plain is consumed");
                assertEquals(7, ad.position(), "ad is left unmoved");
                assertEquals(offset + size + RecordCipher.TAG, slice.position());
                assertUntouched(frame.array(), 3 + offset, size + RecordCipher.TAG);

                // In place: the same array at the same position.
                slice.flip().position(offset);
                ByteBuffer out = slice.duplicate();
                assertTrue(channel.responder().open(counter, ad, slice, out));
                assertEquals(0, slice.remaining(), "sealed is consumed");
                assertEquals(offset + size, out.position());
                assertEquals(ByteBuffer.wrap(plain), out.flip().position(offset));
                assertUntouched(frame.array(), 3 + offset, size + RecordCipher.TAG);
                counter++;
            }
        }
    }

    private static void assertUntouched(byte[] frame, int from, int length) {
        for (int i = 0; i < frame.length; i++) {
            if (i < from || i >= from + length) {
                assertEquals(0x5a, frame[i], "byte " + i + " is not its own");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void everyAlterationIsRefused(Case c) {
        Channel channel = channel(c);
        byte[] plain = bytes(50);
        byte[] sealed = seal(channel.initiator(), 4, AD, plain);
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] forged = sealed.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(channel.responder(), 4, forged);
        }
        for (int length = 0; length < sealed.length; length++) {
            assertRefused(channel.responder(), 4, Arrays.copyOf(sealed, length));
        }
        assertRefused(channel.responder(), 4, Arrays.copyOf(sealed, sealed.length + 1));
        assertRefused(channel.responder(), 5, sealed);
        assertRefused(channel.responder(), 4L << 32, sealed);
        ByteBuffer otherAd = ByteBuffer.wrap(new byte[] {9, 8, 6});
        assertTrue(open(channel.responder(), 4, otherAd, sealed) == null);
        assertTrue(open(channel.responder(), 4, ByteBuffer.allocate(0), sealed) == null);
        assertOpens(channel.responder(), 4, sealed, plain);
    }

    @ParameterizedTest
    @MethodSource("all")
    void aForgeryDoesNotSpoilTheGenuineRecord(Case c) {
        Channel channel = channel(c);
        byte[] plain = bytes(20);
        for (long counter : new long[] {0, 1, 2, 1000, -2}) {
            byte[] sealed = seal(channel.initiator(), counter, AD, plain);
            byte[] forged = sealed.clone();
            forged[0]++;
            assertRefused(channel.responder(), counter, forged);
            assertRefused(channel.responder(), counter, forged);
            assertOpens(channel.responder(), counter, sealed, plain);
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void directionsAndSessionsAreApart(Case c) {
        Channel one = channel(c);
        Channel two = channel(c, 100);
        byte[] plain = bytes(20);
        byte[] sealed = seal(one.initiator(), 0, AD, plain);
        assertRefused(one.initiator(), 0, sealed);
        assertRefused(two.responder(), 0, sealed);
        byte[] back = seal(one.responder(), 0, AD, plain);
        assertFalse(Arrays.equals(sealed, back), "both directions have one key");
        assertOpens(one.responder(), 0, sealed, plain);
        assertOpens(one.initiator(), 0, back, plain);
    }

    @ParameterizedTest
    @MethodSource("all")
    void recordsOpenInAnyOrder(Case c) {
        Channel channel = channel(c);
        List<Integer> order = new ArrayList<>();
        List<byte[]> sealed = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            order.add(i);
            sealed.add(seal(channel.initiator(), i, AD, new byte[] {(byte) i}));
        }
        Collections.shuffle(order, random);
        for (int i : order) {
            assertOpens(channel.responder(), i, sealed.get(i), new byte[] {(byte) i});
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void countersAreUnsigned64Bits(Case c) {
        Channel channel = channel(c);
        byte[] plain = bytes(9);
        for (long counter :
                new long[] {0, 255, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -3, -2}) {
            byte[] sealed = seal(channel.initiator(), counter, AD, plain);
            assertRefused(channel.responder(), counter ^ (1L << 40), sealed);
            assertOpens(channel.responder(), counter, sealed, plain);
        }
        assertThrows(RuntimeException.class, () -> seal(channel.initiator(), -1, AD, plain));
        assertRefused(channel.responder(), -1, new byte[40]);
    }

    @ParameterizedTest
    @MethodSource("alone")
    void garbageIsRefusedQuietly(Case c) {
        Channel channel = channel(c);
        byte[] valid = seal(channel.initiator(), 3, AD, bytes(40));
        for (int i = 0; i < 5_000; i++) {
            byte[] record = bytes(random.nextInt(80));
            if (i % 2 == 0) {
                record = valid.clone();
                record[random.nextInt(record.length)] ^= (byte) (1 + random.nextInt(255));
            }
            assertRefused(channel.responder(), random.nextInt(6), record);
        }
    }

    @ParameterizedTest
    @MethodSource("alone")
    void nullsAndTooSmallBuffersAreErrorsOfTheCaller(Case c) {
        RecordCipher cipher = channel(c).initiator();
        ByteBuffer room = ByteBuffer.allocate(100);
        ByteBuffer plain = ByteBuffer.allocate(10);
        assertThrows(RuntimeException.class, () -> cipher.seal(1, null, plain, room));
        assertThrows(RuntimeException.class, () -> cipher.seal(2, AD, null, room));
        assertThrows(RuntimeException.class, () -> cipher.seal(3, AD, plain, null));
        assertThrows(
                RuntimeException.class, () -> cipher.seal(4, AD, plain, ByteBuffer.allocate(25)));
        assertThrows(RuntimeException.class, () -> cipher.open(5, AD, null, room));
        assertThrows(
                RuntimeException.class,
                () -> cipher.open(6, AD, ByteBuffer.allocate(30), ByteBuffer.allocate(13)));
        cipher.seal(7, AD, ByteBuffer.allocate(10), room);
        assertEquals(26, room.position(), "still usable after that");
    }

    /** One thread seals while another opens, both with the same object. */
    @RepeatedTest(2)
    void bothDirectionsAtOnce() throws Exception {
        for (Case c : alone()) {
            Channel channel = channel(c);
            int n = 2_000;
            List<byte[]> inbound = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                inbound.add(seal(channel.responder(), i, AD, new byte[] {(byte) i}));
            }
            ExecutorService two = Executors.newFixedThreadPool(2);
            try {
                Callable<List<byte[]>> sealing =
                        () -> {
                            List<byte[]> sealed = new ArrayList<>();
                            for (int i = 0; i < n; i++) {
                                byte[] plain = {(byte) i};
                                sealed.add(seal(channel.initiator(), i, AD, plain));
                            }
                            return sealed;
                        };
                Future<List<byte[]>> outbound = two.submit(sealing);
                two.submit(
                                () -> {
                                    for (int i = 0; i < n; i++) {
                                        byte[] want = {(byte) i};
                                        assertOpens(channel.initiator(), i, inbound.get(i), want);
                                    }
                                })
                        .get();
                for (int i = 0; i < n; i++) {
                    byte[] want = {(byte) i};
                    assertOpens(channel.responder(), i, outbound.get().get(i), want);
                }
            } finally {
                two.shutdownNow();
            }
        }
    }
}
