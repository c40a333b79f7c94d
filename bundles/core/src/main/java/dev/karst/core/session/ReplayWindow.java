// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

/**
 * Remembers which record counters were seen, as RFC 4303 section 3.4.3 does: records may come out
 * of order by up to {@value #SIZE}, none is taken twice.
 */
final class ReplayWindow {
    static final int SIZE = 1024;
    private final long[] bits = new long[SIZE / 64];
    private long next; // one above the highest counter taken

    /** Whether a record with this counter may be opened; does not mark it. */
    boolean fresh(long counter) {
        if (counter < 0) {
            return false;
        }
        if (counter >= next) {
            return true;
        }
        if (counter < next - SIZE) {
            return false;
        }
        return (bits[index(counter)] & 1L << (counter & 63)) == 0;
    }

    /** Marks a counter whose record proved genuine. */
    void taken(long counter) {
        if (counter >= next) {
            long from = Math.max(next, counter - SIZE + 1);
            for (long c = from; c < counter; c++) {
                bits[index(c)] &= ~(1L << (c & 63));
            }
            next = counter + 1;
        }
        bits[index(counter)] |= 1L << (counter & 63);
    }

    private static int index(long counter) {
        return (int) (counter % SIZE) >>> 6;
    }
}
