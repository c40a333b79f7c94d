// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;

/**
 * Bytes written and not yet acknowledged, addressed by their offset in the stream: a ring that
 * grows on need up to its limit and is let go when empty. Guarded by the session.
 */
final class SendBuffer {
    private static final int FIRST = 4 * 1024;
    private static final int KEEP = 32 * 1024;
    private static final byte[] NOTHING = {};
    private final int limit;
    private final ReplayBudget budget;
    private byte[] ring = NOTHING;
    private long base;
    private long end;

    SendBuffer(int limit, ReplayBudget budget) {
        this.limit = limit;
        this.budget = budget;
    }

    /** Offset of the first byte that is not acknowledged. */
    long base() {
        return base;
    }

    /** Offset after the last byte written. */
    long end() {
        return end;
    }

    /** Copies as much of {@code in} as there is room for. */
    void append(ByteBuffer in) {
        int used = (int) (end - base);
        int want = Math.min(in.remaining(), limit - used);
        if (want > ring.length - used) {
            grow(used + want);
        }
        int n = Math.min(want, ring.length - used);
        while (n > 0) {
            int at = (int) (end % ring.length);
            int run = Math.min(n, ring.length - at);
            in.get(ring, at, run);
            end += run;
            n -= run;
        }
    }

    private void grow(int need) {
        int size = Math.max(FIRST, Integer.highestOneBit(need - 1) << 1);
        size = Math.min(size, limit);
        if (size <= ring.length || !budget.reserve(size - ring.length, ring.length == 0)) {
            return;
        }
        resize(size);
    }

    private void resize(int size) {
        byte[] bigger = new byte[size];
        for (long o = base; o < end; ) {
            int from = (int) (o % ring.length);
            int to = (int) (o % size);
            int run = (int) Math.min(end - o, Math.min(ring.length - from, size - to));
            System.arraycopy(ring, from, bigger, to, run);
            o += run;
        }
        ring = bigger;
    }

    /** Copies {@code n} bytes from {@code offset} on into {@code out}. */
    void copy(long offset, int n, ByteBuffer out) {
        while (n > 0) {
            int at = (int) (offset % ring.length);
            int run = Math.min(n, ring.length - at);
            out.put(ring, at, run);
            offset += run;
            n -= run;
        }
    }

    /** The peer has everything before {@code offset}. */
    void acknowledge(long offset) {
        base = Math.max(base, Math.min(offset, end));
    }

    /** Gives memory back when nothing waits; called now and then, not per write. */
    void trim() {
        if (base == end && ring.length > 0) {
            release();
        }
    }

    /** Whether an empty ring is large enough to be worth trimming at once. */
    boolean large() {
        return base == end && ring.length > KEEP;
    }

    void release() {
        budget.release(ring.length);
        ring = NOTHING;
        base = end;
    }
}
