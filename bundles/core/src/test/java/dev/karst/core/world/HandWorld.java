// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.world;

import dev.karst.Subscription;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Time that stands still until it is moved by hand; one thread, the caller's. No network. */
public final class HandWorld implements World {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private record Timer(long at, long number, Runnable task) {}

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(
                    Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private final SecureRandom random = new SecureRandom();
    private long nanos;
    private long number;

    /** Runs what is due, and goes on until nothing is. */
    public void run() {
        for (Runnable r = tasks.poll(); r != null; r = tasks.poll()) {
            r.run();
        }
    }

    public void pass(Duration time) {
        run();
        long end = nanos + time.toNanos();
        while (!timers.isEmpty() && timers.peek().at <= end) {
            Timer t = timers.poll();
            nanos = Math.max(nanos, t.at);
            t.task.run();
            run();
        }
        nanos = end;
    }

    public void pass(int seconds) {
        pass(Duration.ofSeconds(seconds));
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return START.plusNanos(nanos);
            }
        };
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public RandomGenerator random() {
        return new Random(1);
    }

    @Override
    public SecureRandom secureRandom() {
        return random;
    }

    @Override
    public Executor lane(String name) {
        return tasks::add;
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        Timer t = new Timer(nanos + delay.toNanos(), number++, task);
        timers.add(t);
        return () -> timers.remove(t);
    }

    @Override
    public NetworkView openNetwork() {
        throw new UnsupportedOperationException();
    }
}
