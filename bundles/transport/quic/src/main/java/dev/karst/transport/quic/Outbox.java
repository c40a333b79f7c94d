// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** What waits to be sent on a path, and whether there is room for more. Thread-safe. */
final class Outbox {
    /** Above it the sender is asked to hold back. */
    static final int HIGH = 256 * 1024;

    /** Below it the sender may go on. */
    static final int LOW = 64 * 1024;

    /** Above it the path ends. */
    static final int MOST = 32 << 20;

    /** Frames up to here that follow each other on a lane are sent as one. */
    private static final int SMALL = 4 * 1024;

    private static final int ROOM = 16 * 1024;

    /** Frames with their headers. */
    record Item(int lane, ByteBuf bytes) {}

    /** What came of an offer. */
    enum Offer {
        /** Nothing is taken any more. */
        OVER,
        TAKEN,
        /** Taken, and the sender should hold back. */
        FULL,
        /** Taken, but the sender does not hold back at all. */
        TOO_MUCH
    }

    private ArrayDeque<Item> items = new ArrayDeque<>(); // all guarded by this
    private ArrayDeque<Item> spare = new ArrayDeque<>();
    private long waiting;
    private boolean full;
    private boolean over;
    private boolean pumping;

    /** Copies a frame. */
    Offer offer(int lane, ByteBuffer frame) {
        int size = FrameReader.HEADER + frame.remaining();
        boolean run = false;
        if (size <= SMALL) {
            synchronized (this) {
                Item last = over ? null : items.peekLast();
                run = last != null && last.lane() == lane;
                if (run && last.bytes().writableBytes() >= size) {
                    put(last.bytes(), frame);
                    return taken(size);
                }
            }
        }
        ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(run ? ROOM : size);
        put(bytes, frame);
        synchronized (this) {
            if (!over) {
                items.add(new Item(lane, bytes));
                return taken(size);
            }
        }
        bytes.release();
        return Offer.OVER;
    }

    private static void put(ByteBuf to, ByteBuffer frame) {
        to.writeInt(frame.remaining()).writeBytes(frame);
    }

    private Offer taken(int size) {
        waiting += size;
        full |= waiting > HIGH;
        return waiting > MOST ? Offer.TOO_MUCH : waiting > HIGH ? Offer.FULL : Offer.TAKEN;
    }

    /** Whether the caller has to see to it that {@link #take} is called. */
    synchronized boolean startPump() {
        boolean start = !pumping;
        pumping = true;
        return start;
    }

    /** All that waits, until the next call; then the pump must be started again. */
    synchronized ArrayDeque<Item> take() {
        ArrayDeque<Item> all = items;
        items = spare;
        spare = all; // the caller empties it before it comes again
        pumping = false;
        return all;
    }

    /**
     * QUIC took so many bytes.
     *
     * @return whether the sender must be told that it may go on
     */
    synchronized boolean written(int bytes) {
        waiting -= bytes;
        boolean tell = full && waiting <= LOW && !over;
        full &= !tell;
        return tell;
    }

    /** Takes nothing more. */
    synchronized void close() {
        over = true;
    }

    /** Releases what still waits, after close. */
    synchronized void drop() {
        items.forEach(i -> i.bytes().release());
        items.clear();
    }
}
