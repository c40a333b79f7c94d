// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.crypto.CryptoProvider.Pattern;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Golden bytes of docs/wire.md, and that bad bytes give a WireException and nothing else. */
class FrameFuzzTest {
    /** Writes down what it is told. */
    private static final class Recorder implements FrameReader.Sink {
        final List<String> told = new ArrayList<>();

        private static String hex(ByteBuffer b) {
            byte[] bytes = new byte[b.remaining()];
            b.duplicate().get(bytes);
            return HexFormat.of().formatHex(bytes);
        }

        @Override
        public void open(long pipe, boolean stream, long window, String protocol) {
            told.add("open " + pipe + " " + stream + " " + window + " " + protocol);
        }

        @Override
        public void opened(long pipe, long window) {
            told.add("opened " + pipe + " " + window);
        }

        @Override
        public void data(long pipe, long offset, ByteBuffer data) {
            told.add("data " + pipe + " " + offset + " " + hex(data));
        }

        @Override
        public void ack(long pipe, long received, long limit) {
            told.add("ack " + pipe + " " + received + " " + limit);
        }

        @Override
        public void fin(long pipe, long offset) {
            told.add("fin " + pipe + " " + offset);
        }

        @Override
        public void reset(long pipe, int code) {
            told.add("reset " + pipe + " " + code);
        }

        @Override
        public void ping(long token) {
            told.add("ping " + token);
        }

        @Override
        public void pong(long token) {
            told.add("pong " + token);
        }

        @Override
        public void goaway(int code) {
            told.add("goaway " + code);
        }

        @Override
        public void attach(FrameReader.Attach a) {
            told.add("attach " + a.needed() + " " + a.generation() + " " + a.pipes());
        }

        @Override
        public void datagram(long pipe, ByteBuffer data) {
            told.add("datagram " + pipe + " " + hex(data));
        }

        @Override
        public void info(String address) {
            told.add("info " + address);
        }
    }

    /** One of each frame, as docs/wire.md has them. */
    private static final String GOLDEN =
            "01 0000000000000002 00 00200000 05 74756e2f77" // OPEN
                    + "02 0000000000000002 00200000" // OPENED
                    + "03 0000000000000002 0000000000000010 0003 616263" // DATA
                    + "04 0000000000000002 0000000000000013 0000000000200013" // ACK
                    + "05 0000000000000002 0000000000000013" // FIN
                    + "06 0000000000000004 02" // RESET
                    + "07 00000000000000ff" // PING
                    + "08 00000000000000ff" // PONG
                    + "09 00" // GOAWAY
                    + "0a 01 000102030405060708090a0b0c0d0e0f 00000000000000000000000000000000"
                    + "   0000000000000007 0001 0000000000000002 0000000000000013 0000000000200013"
                    + "0b 0000000000000006 0002 6869" // DATAGRAM
                    + "0c 0003 616263"; // INFO

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN.replace(" ", ""));
    }

    @Test
    void goldenFramesAreRead() throws WireException {
        Recorder r = new Recorder();
        FrameReader.read(ByteBuffer.wrap(golden()), r);
        assertEquals(
                List.of(
                        "open 2 true 2097152 tun/w",
                        "opened 2 2097152",
                        "data 2 16 616263",
                        "ack 2 19 2097171",
                        "fin 2 19",
                        "reset 4 2",
                        "ping 255",
                        "pong 255",
                        "goaway 0",
                        "attach true 7 [Offset[pipe=2, received=19, limit=2097171]]",
                        "datagram 6 6869",
                        "info abc"),
                r.told);
    }

    @Test
    void goldenFramesAreWritten() {
        ByteBuffer out = ByteBuffer.allocate(1000);
        out.put(FrameWriter.open(2, true, 1 << 21, "tun/w")).put(FrameWriter.opened(2, 1 << 21));
        out.put(FrameWriter.DATA).putLong(2).putLong(16).putShort((short) 3).put("abc".getBytes());
        out.put(FrameWriter.ack(2, 19, 2097171)).put(FrameWriter.fin(2, 19));
        out.put(FrameWriter.reset(4, 2)).put(FrameWriter.ping(FrameWriter.PING, 255));
        out.put(FrameWriter.ping(FrameWriter.PONG, 255)).put(FrameWriter.goaway(0));
        byte[] written = Arrays.copyOf(out.array(), out.position());
        assertArrayEquals(Arrays.copyOf(golden(), written.length), written);
    }

    @Test
    void goldenHello() throws WireException {
        byte[] attempt = HexFormat.of().parseHex("101112131415161718191a1b1c1d1e1f");
        Hello h = new Hello(3, Pattern.XX, 0, attempt, List.of(1, 2), 2, List.of(2));
        String hex = "01010301 00000000 101112131415161718191a1b1c1d1e1f 02 0102 02 01 02";
        assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(h.encode()));
        Hello back = Hello.decode(ByteBuffer.wrap(h.encode()));
        assertArrayEquals(h.encode(), back.encode());
    }

    @Test
    void badBytesNeverDoMoreThanWireException() {
        long seed = 7;
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = random.nextBoolean() ? golden() : new byte[random.nextInt(200)];
            if (bad.length > 0 && i % 2 == 0) {
                for (int n = random.nextInt(4); n >= 0; n--) {
                    bad[random.nextInt(bad.length)] = (byte) random.nextInt();
                }
            } else {
                random.nextBytes(bad);
            }
            ByteBuffer in = ByteBuffer.wrap(bad, 0, random.nextInt(bad.length + 1));
            try {
                FrameReader.read(in, new Recorder());
            } catch (WireException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " #" + i, e);
            }
            try {
                Hello.decode(ByteBuffer.wrap(bad));
            } catch (WireException expected) {
                // what it is for
            } catch (RuntimeException e) {
                throw new AssertionError("hello, seed " + seed + " #" + i, e);
            }
        }
        assertTrue(refused > 5_000, "refused " + refused);
    }

    @Test
    void replayWindowTakesEachCounterOnce() {
        ReplayWindow w = new ReplayWindow();
        Random random = new Random(1);
        boolean[] seen = new boolean[5000];
        long highest = -1;
        for (int i = 0; i < 50_000; i++) {
            int c = Math.min(4999, Math.max(0, i / 10 + random.nextInt(2400) - 1200));
            boolean expected = !seen[c] && c > highest - ReplayWindow.SIZE;
            assertEquals(expected, w.fresh(c), "counter " + c + " at " + i);
            if (expected) {
                w.taken(c);
                seen[c] = true;
                highest = Math.max(highest, c);
            }
        }
        assertFalse(w.fresh(-1));
    }

    @Test
    void sendBufferKeepsWhatIsNotAcknowledged() {
        Random random = new Random(3);
        ReplayBudget budget = new ReplayBudget(1 << 20, null);
        SendBuffer b = new SendBuffer(100_000, budget);
        byte[] all = new byte[3_000_000];
        random.nextBytes(all);
        long written = 0;
        while (written < all.length) {
            ByteBuffer in =
                    ByteBuffer.wrap(
                            all,
                            (int) written,
                            Math.min(random.nextInt(30_000), all.length - (int) written));
            b.append(in);
            written = b.end();
            int n = (int) (b.end() - b.base());
            assertTrue(n <= 100_000);
            ByteBuffer out = ByteBuffer.allocate(n);
            b.copy(b.base(), n, out);
            assertArrayEquals(Arrays.copyOfRange(all, (int) b.base(), (int) b.end()), out.array());
            b.acknowledge(b.base() + random.nextInt(n + 1));
        }
        b.acknowledge(b.end());
        b.trim();
        assertEquals(0, budget.used());
    }
}
