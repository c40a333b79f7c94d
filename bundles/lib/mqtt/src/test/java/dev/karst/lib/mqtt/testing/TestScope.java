// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.testing;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/** A real scope for tests: one thread, real time, real sockets. Close it to cancel. */
public final class TestScope implements Scope, AutoCloseable {
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    task -> {
                        Thread t = new Thread(task, "test-scope");
                        t.setDaemon(true);
                        return t;
                    });
    private final Set<Runnable> cancels = ConcurrentHashMap.newKeySet();
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final TestNetwork network = new TestNetwork();
    private final Random random = new Random(7);

    public TestScope() {
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public SecureRandom secureRandom() {
        return new SecureRandom();
    }

    @Override
    public Executor executor() {
        return task -> after(Duration.ZERO, task);
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        if (cancelled()) {
            return () -> {};
        }
        Future<?> timer = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> timer.cancel(false);
    }

    @Override
    public Instant deadline() {
        return Instant.MAX;
    }

    @Override
    public boolean cancelled() {
        return cancelled.get();
    }

    @Override
    public Subscription onCancel(Runnable task) {
        AtomicBoolean once = new AtomicBoolean();
        Runnable guarded =
                () -> {
                    if (once.compareAndSet(false, true)) {
                        task.run();
                    }
                };
        cancels.add(guarded);
        if (cancelled()) {
            guarded.run();
        }
        return () -> cancels.remove(guarded);
    }

    @Override
    public void count(String name) {
        counters.computeIfAbsent(name, n -> new LongAdder()).increment();
    }

    public long counted(String name) {
        LongAdder n = counters.get(name);
        return n == null ? 0 : n.sum();
    }

    /** While on, nothing new connects. */
    public void offline(boolean on) {
        network.offline(on);
    }

    /** Tells those who follow the network that it changed; how many there are. */
    public int networkChanged() {
        return network.changed();
    }

    /** Sockets that are open now. */
    public int sockets() {
        return network.open();
    }

    /** Subscriptions to the cancellation that nobody closed. */
    public int cancellations() {
        return cancels.size();
    }

    /** Timers that still wait. */
    public long timers() {
        thread.purge();
        return thread.getQueue().stream().filter(t -> !((Future<?>) t).isDone()).count();
    }

    @Override
    public void close() {
        if (cancelled.compareAndSet(false, true)) {
            cancels.forEach(Runnable::run);
            network.close();
            thread.shutdown();
        }
    }
}
