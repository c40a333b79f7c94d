// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import java.time.Duration;

/**
 * When to read what came. QUIC acknowledges each batch, so where many datagrams come a batch should
 * be many; where few come, each is read at once. One thread at a time.
 */
final class Batches {
    /** How long a datagram of a stream waits for others. */
    static final Duration PAUSE = Duration.ofNanos(250_000);

    private static final long WINDOW = 1_000_000;

    /** In a window, to be a stream of them: some 75 Mbit/s. */
    private static final int MANY = 8;

    private static final int BATCH = 16;

    private long began;
    private int came;
    private boolean many;

    /**
     * A datagram came.
     *
     * @param now in nanoseconds
     * @param waiting how many wait with it
     * @return whether to read now
     */
    boolean arrived(long now, int waiting) {
        long age = now - began;
        if (age > WINDOW) {
            many = came >= MANY && age < 2 * WINDOW;
            began = now;
            came = 0;
        }
        came++;
        return !many || waiting >= BATCH;
    }
}
