// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StunFramerTest {
    @Test
    void anyCutGivesTheSameMessages() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<byte[]> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 5; i++) {
                byte[] one;
                if (random.nextBoolean()) {
                    int length = random.nextInt(50);
                    one =
                            ByteBuffer.allocate(4 + (length + 3 & ~3))
                                    .putShort((short) 0x4001)
                                    .putShort((short) length)
                                    .array();
                } else {
                    one =
                            StunMessage.builder(StunClass.REQUEST, 1, new byte[12])
                                    .with(StunAttributes.DATA, new byte[random.nextInt(100)])
                                    .build()
                                    .bytes();
                }
                sent.add(one);
                stream.writeBytes(one);
            }
            StunFramer framer = new StunFramer(200, true);
            List<byte[]> got = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(stream.toByteArray());
            while (in.hasRemaining()) {
                int n = Math.min(in.remaining(), 1 + random.nextInt(60));
                got.addAll(framer.feed(in.slice(in.position(), n)));
                in.position(in.position() + n);
                assertTrue(framer.held() < 200);
            }
            assertEquals(sent.size(), got.size(), "seed " + seed);
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), got.get(i), "seed " + seed);
            }
            assertEquals(0, framer.held());
        }
    }

    @Test
    void whatIsNoFrameEndsTheStream() {
        assertEquals(Optional.of(StunProblem.TYPE), broken("GET / HTTP/1.1\r\n".getBytes(), false));
        assertEquals(
                Optional.of(StunProblem.TYPE), broken(new byte[] {(byte) 0x80, 0, 0, 0}, true));
        assertEquals(Optional.of(StunProblem.LENGTH), broken(new byte[] {0, 1, 0, 3}, true));
        assertEquals(Optional.of(StunProblem.LONG), broken(new byte[] {0, 1, 2, 0}, true));
        assertEquals(Optional.of(StunProblem.LONG), broken(new byte[] {0x40, 1, 2, 1}, true));
        assertEquals(Optional.empty(), broken(new byte[] {0x40, 1, 0, 1}, true));
    }

    private static Optional<StunProblem> broken(byte[] bytes, boolean channelData) {
        StunFramer framer = new StunFramer(500, channelData);
        framer.feed(ByteBuffer.wrap(bytes));
        framer.feed(ByteBuffer.wrap(new byte[3]));
        return framer.problem();
    }
}
