// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Runs what is due, one thread for all links; on a quiet machine some 0.1 ms late. */
final class DelayLine implements Runnable {

    private static final int MOST = 100_000;

    /** How long packets wait for a link that is too slow before they are dropped. */
    private static final long QUEUE_NANOS = 100_000_000L;

    private record Due(long at, long number, Runnable task) implements Comparable<Due> {
        @Override
        public int compareTo(Due o) {
            return at != o.at ? Long.compare(at, o.at) : Long.compare(number, o.number);
        }
    }

    /** One direction of one link. */
    final class Way {
        private final LinkQuality quality;
        private final Random random;
        private long busyUntil = System.nanoTime();

        Way(LinkQuality quality, Random random) {
            this.quality = quality;
            this.random = random;
        }

        /** Runs the arrival later, or never. */
        void send(int bytes, Runnable arrival) {
            if (quality.perfect()) {
                arrival.run();
                return;
            }
            long at;
            synchronized (this) {
                long now = System.nanoTime();
                at = now;
                if (quality.rate() > 0) {
                    busyUntil = Math.max(now, busyUntil);
                    if (busyUntil - now > QUEUE_NANOS) {
                        return;
                    }
                    busyUntil += bytes * 8_000_000_000L / quality.rate();
                    at = busyUntil;
                }
                if (random.nextDouble() < quality.loss()) {
                    return;
                }
                at +=
                        quality.delay().toNanos()
                                + (long) (random.nextDouble() * quality.jitter().toNanos());
            }
            put(at, arrival);
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long number;

    private void put(long at, Runnable task) {
        lock.lock();
        try {
            if (queue.size() < MOST) {
                Due due = new Due(at, number++, task);
                queue.add(due);
                if (queue.peek() == due) {
                    changed.signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        while (true) {
            Due due;
            lock.lock();
            try {
                while ((due = queue.peek()) == null || due.at - System.nanoTime() > 0) {
                    if (due == null) {
                        changed.awaitUninterruptibly();
                    } else {
                        changed.awaitNanos(due.at - System.nanoTime());
                    }
                }
                queue.poll();
            } catch (InterruptedException e) {
                return;
            } finally {
                lock.unlock();
            }
            due.task.run();
        }
    }
}
