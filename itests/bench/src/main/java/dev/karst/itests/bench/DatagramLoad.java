// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Sends datagrams as fast as they arrive: no more than so many are on their way. What does not
 * arrive is given up when nothing has come for a while, and counted.
 */
final class DatagramLoad {
    static final int SIZE = 1_000;
    private static final int UNDER_WAY = 128;
    private static final long PATIENCE_MILLIS = 500;
    private final Semaphore room = new Semaphore(UNDER_WAY);

    /**
     * @param perSecond that arrived
     * @param lost that were sent or refused, and did not arrive
     */
    record Result(double perSecond, int lost) {}

    /** One arrived; on any thread. */
    void arrived() {
        room.release();
    }

    /**
     * @param send false when it was not taken
     */
    Result run(int count, Predicate<ByteBuffer> send) throws InterruptedException {
        byte[] datagram = new byte[SIZE];
        int lost = 0;
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (!room.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                lost += UNDER_WAY;
                room.release(UNDER_WAY - 1);
            }
            if (!send.test(ByteBuffer.wrap(datagram))) {
                lost++;
                room.release();
            }
        }
        while (!room.tryAcquire(UNDER_WAY, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            int missing = UNDER_WAY - room.drainPermits();
            lost += missing;
            room.release(UNDER_WAY);
        }
        room.release(UNDER_WAY);
        return new Result((count - lost) / ((System.nanoTime() - began) * 1e-9), lost);
    }
}
