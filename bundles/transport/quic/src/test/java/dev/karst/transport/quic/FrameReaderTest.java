// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
    private final Scratch scratch = new Scratch();

    /** Keeps what comes. */
    private static final class Kept implements FrameReader.Sink {
        final List<byte[]> frames = new ArrayList<>();
        int lane = -1;
        int end = -1;

        @Override
        public void lane(int number) throws FrameReader.BadStream {
            if (number > 63) {
                throw new FrameReader.BadStream("lane");
            }
            lane = number;
        }

        @Override
        public void frame(ByteBuffer frame) {
            byte[] b = new byte[frame.remaining()];
            frame.get(b);
            frames.add(b);
        }

        @Override
        public void end(int streams) {
            end = streams;
        }
    }

    private static ByteBuf bytes(int... values) {
        ByteBuf b = Unpooled.buffer();
        for (int v : values) {
            b.writeByte(v);
        }
        return b;
    }

    @Test
    void readsFramesHoweverTheyAreCut() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            ByteBuf all = Unpooled.buffer().writeByte(7);
            List<byte[]> sent = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                byte[] f =
                        new byte
                                [1
                                        + random.nextInt(
                                                random.nextBoolean() ? 20 : FrameReader.MAX_FRAME)];
                random.nextBytes(f);
                sent.add(f);
                all.writeInt(f.length).writeBytes(f);
            }
            Kept kept = new Kept();
            FrameReader reader = new FrameReader(-1, scratch, kept);
            while (all.isReadable()) {
                int most = random.nextBoolean() ? 10 : 50_000;
                int n = Math.min(all.readableBytes(), random.nextInt(most));
                reader.feed(all.readSlice(n));
            }
            assertTrue(reader.atBoundary(), "seed " + seed);
            assertEquals(7, kept.lane);
            assertEquals(sent.size(), kept.frames.size(), "seed " + seed);
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), kept.frames.get(i), "seed " + seed);
            }
        }
    }

    @Test
    void readsTheEnd() throws Exception {
        Kept kept = new Kept();
        FrameReader reader = new FrameReader(-1, scratch, kept);
        reader.feed(bytes(0, 0, 0, 0, 1, 9, 0, 0, 0, 0));
        assertFalse(reader.atBoundary());
        reader.feed(bytes(3));
        assertTrue(reader.atBoundary());
        assertEquals(3, kept.end);
        assertEquals(1, kept.frames.size());
        assertThrows(FrameReader.BadStream.class, () -> reader.feed(bytes(0)));
    }

    @Test
    void refusesWhatCannotBe() {
        int[][] bad = {
            {64},
            {255},
            {1, 0, 0, 0, 0},
            {0, 0, 1, 1, 1},
            {0, 255, 255, 255, 255},
            {0, 128, 0, 0, 0}
        };
        for (int[] b : bad) {
            FrameReader reader = new FrameReader(-1, scratch, new Kept());
            assertThrows(FrameReader.BadStream.class, () -> reader.feed(bytes(b)));
        }
    }

    @Test
    void takesAnyBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] b = new byte[random.nextInt(40)];
            random.nextBytes(b);
            for (int j = 0; j < b.length && random.nextInt(3) > 0; j++) {
                b[j] = (byte) random.nextInt(3); // more that is nearly right
            }
            FrameReader reader = new FrameReader(random.nextInt(2) - 1, scratch, new Kept());
            try {
                reader.feed(Unpooled.wrappedBuffer(b));
            } catch (FrameReader.BadStream e) {
                assertFalse(e.getMessage().isBlank());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            reader.close();
        }
    }

    @Test
    void keepsLittleOfAFrameThatHasHardlyBegun() throws Exception {
        List<FrameReader> idle = new ArrayList<>();
        Runtime r = Runtime.getRuntime();
        System.gc();
        long before = r.totalMemory() - r.freeMemory();
        for (int i = 0; i < 2_000; i++) {
            FrameReader reader = new FrameReader(-1, scratch, new Kept());
            reader.feed(bytes(0, 0, 1, 0, 0, 1, 2, 3));
            idle.add(reader);
        }
        System.gc();
        long more = r.totalMemory() - r.freeMemory() - before;
        assertTrue(more < 20 << 20, more + " bytes for " + idle.size());
    }
}
