// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.transport.quic.Outbox.Offer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final Outbox outbox = new Outbox();

    @Test
    void holdsBackAboveTheMarkAndTellsOnceBelow() {
        int frame = 16_000;
        int each = FrameReader.HEADER + frame;
        int n = 0;
        while (outbox.offer(0, ByteBuffer.allocate(frame)) == Offer.TAKEN) {
            n++;
        }
        assertEquals(Outbox.HIGH / each, n);
        int left = (n + 1) * each;
        int told = 0;
        for (int i = 0; i <= n; i++) {
            left -= each;
            boolean tell = outbox.written(each);
            told += tell ? 1 : 0;
            assertFalse(tell && left > Outbox.LOW);
        }
        assertEquals(1, told);
        release();
    }

    @Test
    void saysWhenItIsTooMuch() {
        Offer last = Offer.TAKEN;
        for (int i = 0; i <= Outbox.MOST / 60_000; i++) {
            last = outbox.offer(0, ByteBuffer.allocate(60_000));
        }
        assertEquals(Offer.TOO_MUCH, last);
        release();
    }

    @Test
    void sendsSmallFramesOfALaneTogetherAndInOrder() {
        for (int i = 0; i < 1_000; i++) {
            outbox.offer(1, ByteBuffer.allocate(12).putInt(0, i));
        }
        outbox.offer(2, ByteBuffer.allocate(12));
        assertTrue(outbox.startPump());
        assertFalse(outbox.startPump());
        ArrayDeque<Outbox.Item> all = outbox.take();
        assertTrue(all.size() < 10, all.size() + " buffers");
        int next = 0;
        for (Outbox.Item i : all) {
            while (i.lane() == 1 && i.bytes().isReadable()) {
                assertEquals(12, i.bytes().readInt());
                assertEquals(next++, i.bytes().readInt());
                i.bytes().skipBytes(8);
            }
            i.bytes().release();
        }
        all.clear();
        assertEquals(1_000, next);
        assertTrue(outbox.startPump(), "what comes now needs the pump again");
    }

    @Test
    void takesNothingAfterTheEnd() {
        outbox.close();
        assertEquals(Offer.OVER, outbox.offer(0, ByteBuffer.allocate(1)));
        assertEquals(Offer.OVER, outbox.offer(0, ByteBuffer.allocate(10_000)));
        assertTrue(outbox.take().isEmpty());
    }

    private void release() {
        outbox.close();
        outbox.drop();
    }
}
