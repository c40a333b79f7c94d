// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;

/** Bytes that wait to be sent, copied into a chain of pooled chunks. Guarded by its owner. */
final class Outbound {
    private static final int GATHER = 8;
    private static final int ROUNDS = 16;

    private final Chunks pool;
    private final ArrayDeque<ByteBuffer> chain = new ArrayDeque<>(2); // ready to be written out
    private ByteBuffer tail; // the last chunk as it is filled; shares its bytes with none other
    private long size;

    Outbound(Chunks pool) {
        this.pool = pool;
    }

    /** Bytes that wait. */
    long size() {
        return size;
    }

    void add(ByteBuffer part) {
        size += part.remaining();
        while (part.hasRemaining()) {
            if (tail == null) {
                tail = pool.take();
            }
            int n = Math.min(part.remaining(), tail.remaining());
            int limit = part.limit();
            tail.put(part.limit(part.position() + n));
            part.limit(limit);
            if (!tail.hasRemaining()) {
                chain.add(tail.flip());
                tail = null;
            }
        }
    }

    /**
     * Writes what it can.
     *
     * @return false when the channel takes no more now
     */
    boolean flush(GatheringByteChannel to) throws IOException {
        for (int i = 0; i < ROUNDS && size > 0; i++) {
            if (tail != null && tail.position() > 0) {
                chain.add(tail.flip());
                tail = null;
            }
            long wanted;
            long n;
            if (chain.size() == 1) {
                wanted = chain.peek().remaining();
                n = to.write(chain.peek());
            } else {
                ByteBuffer[] some = chain.stream().limit(GATHER).toArray(ByteBuffer[]::new);
                wanted = 0;
                for (ByteBuffer b : some) {
                    wanted += b.remaining();
                }
                n = to.write(some);
            }
            size -= n;
            while (!chain.isEmpty() && !chain.peek().hasRemaining()) {
                pool.give(chain.poll());
            }
            if (n < wanted) {
                reopenTail();
                return false;
            }
        }
        return size == 0;
    }

    /** Lets small writes fill up the last chunk again instead of taking one each. */
    private void reopenTail() {
        ByteBuffer last = chain.peekLast();
        if (chain.size() > 1 && last.limit() < last.capacity() && last.position() == 0) {
            chain.pollLast();
            tail = last.position(last.limit()).limit(last.capacity());
        }
    }

    void clear() {
        chain.forEach(pool::give);
        chain.clear();
        if (tail != null) {
            pool.give(tail);
            tail = null;
        }
        size = 0;
    }
}
