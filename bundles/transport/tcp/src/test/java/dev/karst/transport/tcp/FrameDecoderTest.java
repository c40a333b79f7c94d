// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
    private final FrameDecoder decoder = new FrameDecoder(new Scratch());
    private final List<byte[]> frames = new ArrayList<>();

    private void take(ByteBuffer frame) {
        byte[] copy = new byte[frame.remaining()];
        frame.get(copy);
        Arrays.fill(frame.array(), (byte) 0xEE); // the core may change the bytes
        frames.add(copy);
    }

    private void feed(byte... in) throws FrameDecoder.BadFrame {
        decoder.feed(ByteBuffer.wrap(in), this::take);
    }

    private static byte[] header(int length) {
        return ByteBuffer.allocate(4).putInt(length).array();
    }

    @Test
    void cutsFramesHoweverTheyArrive() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<byte[]> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 5; i++) {
                int max = random.nextInt(10) == 0 ? FrameDecoder.MAX_FRAME : 3_000;
                byte[] frame = new byte[1 + random.nextInt(max)];
                random.nextBytes(frame);
                sent.add(frame);
                stream.writeBytes(header(frame.length));
                stream.writeBytes(frame);
            }
            frames.clear();
            byte[] all = stream.toByteArray();
            int step = 1 + random.nextInt(random.nextBoolean() ? 7 : 5_000);
            for (int at = 0; at < all.length; at += step) {
                feed(Arrays.copyOfRange(all, at, Math.min(all.length, at + step)));
            }
            assertEquals(sent.size(), frames.size(), "seed " + seed);
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), frames.get(i), "seed " + seed);
            }
            assertTrue(decoder.atBoundary(), "seed " + seed);
        }
    }

    @Test
    void takesTheLongestFrameAndRefusesALongerOne() throws Exception {
        feed(header(FrameDecoder.MAX_FRAME));
        feed(new byte[FrameDecoder.MAX_FRAME]);
        assertEquals(FrameDecoder.MAX_FRAME, frames.get(0).length);

        var e =
                assertThrows(
                        FrameDecoder.BadFrame.class,
                        () -> feed(header(FrameDecoder.MAX_FRAME + 1)));
        assertTrue(e.getMessage().contains("65793"), e.getMessage());
        assertThrows(FrameDecoder.BadFrame.class, () -> feed((byte) 0), "broken stays broken");
        assertThrows(FrameDecoder.BadFrame.class, () -> feed(header(8)), "broken stays broken");
        assertEquals(1, frames.size());
    }

    @Test
    void refusesEmptyAndNegativeFrames() {
        assertThrows(FrameDecoder.BadFrame.class, () -> feed(header(0)));
        FrameDecoder other = new FrameDecoder(new Scratch());
        var e =
                assertThrows(
                        FrameDecoder.BadFrame.class,
                        () -> other.feed(ByteBuffer.wrap(header(-1)), f -> {}));
        assertTrue(e.getMessage().contains("4294967295"), e.getMessage());
    }

    @Test
    void knowsWhetherAFrameIsUnderWay() throws Exception {
        assertTrue(decoder.atBoundary());
        feed((byte) 0);
        assertFalse(decoder.atBoundary());
        feed((byte) 0, (byte) 0, (byte) 2, (byte) 7);
        assertFalse(decoder.atBoundary());
        feed((byte) 8);
        assertTrue(decoder.atBoundary());
        assertArrayEquals(new byte[] {7, 8}, frames.get(0));
    }

    @Test
    void pathsThatShareTheirScratchDoNotMix() throws Exception {
        Scratch scratch = new Scratch();
        FrameDecoder[] decoders = new FrameDecoder[5];
        for (int i = 0; i < decoders.length; i++) {
            decoders[i] = new FrameDecoder(scratch);
        }
        int size = 10_000;
        byte[] head = ByteBuffer.allocate(4).putInt(size).array();
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < decoders.length; i++) {
                decoders[i].feed(ByteBuffer.wrap(head), this::take);
            }
            for (int sent = 0; sent < size; sent += 1_000) {
                for (int i = 0; i < decoders.length; i++) {
                    byte[] part = new byte[1_000];
                    Arrays.fill(part, (byte) i);
                    decoders[i].feed(ByteBuffer.wrap(part), this::take);
                }
            }
        }
        for (int i = 0; i < frames.size(); i++) {
            byte[] expected = new byte[size];
            Arrays.fill(expected, (byte) (i % decoders.length));
            assertArrayEquals(expected, frames.get(i));
        }
        assertEquals(20, frames.size());
    }

    /** Whatever comes, it cuts frames in bounds or says so, and keeps to its memory. */
    @Test
    void standsAnyInput() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Scratch scratch = new Scratch();
        for (int round = 0; round < 20_000; round++) {
            FrameDecoder d = new FrameDecoder(scratch);
            try {
                for (int i = 0; i < 4; i++) {
                    byte[] in = new byte[random.nextInt(64)];
                    random.nextBytes(in);
                    if (in.length >= 4 && random.nextBoolean()) {
                        in[0] = 0; // mutated, but likely in bounds
                        in[1] = 0;
                        in[2] = 0;
                        in[3] &= 31;
                    }
                    d.feed(
                            ByteBuffer.wrap(in),
                            f ->
                                    assertTrue(
                                            f.hasRemaining() && f.remaining() <= f.capacity(),
                                            "seed " + seed));
                }
            } catch (FrameDecoder.BadFrame e) {
                assertFalse(e.getMessage().isEmpty());
            }
        }
    }
}
