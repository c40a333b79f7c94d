// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.world;

import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.net.CoreNetwork;
import dev.karst.core.net.SocketOwner;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * The real thing: system clock, thread pool, sockets. The only place of the core that makes
 * threads.
 */
public final class RealWorld implements World, AutoCloseable {
    private final ThreadPoolExecutor pool;
    private final ScheduledThreadPoolExecutor timer;
    private final SecureRandom secureRandom = new SecureRandom();
    private final RandomGenerator random = new java.util.Random(secureRandom.nextLong());
    private final CoreNetwork network;

    public RealWorld(Counters counters) {
        pool =
                new ThreadPoolExecutor(
                        0, 256, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), named("core"));
        timer = new ScheduledThreadPoolExecutor(1, named("timer"));
        timer.setRemoveOnCancelPolicy(true);
        network = new CoreNetwork(pool, timer, counters::add);
    }

    /**
     * Threads that outlive bundles. A new thread keeps the access control context of the stack that
     * makes it, and so the class loader of a provider that happened to be on it: made with our own
     * privileges it keeps only ours.
     */
    @SuppressWarnings("removal") // of the security manager; this stays as long as contexts do
    private static ThreadFactory named(String name) {
        AtomicInteger n = new AtomicInteger();
        return r ->
                AccessController.doPrivileged(
                        (PrivilegedAction<Thread>)
                                () -> {
                                    Thread t =
                                            new Thread(
                                                    null,
                                                    r,
                                                    "karst-" + name + "-" + n.incrementAndGet(),
                                                    0,
                                                    false);
                                    t.setDaemon(true);
                                    t.setContextClassLoader(null);
                                    return t;
                                });
    }

    /** For the component, which tells it of net drivers. */
    public CoreNetwork coreNetwork() {
        return network;
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
        return secureRandom;
    }

    @Override
    public Executor lane(String name) {
        return new Lane();
    }

    /** A serial executor that holds a thread only while it has work. */
    private final class Lane implements Executor {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean running;

        @Override
        public void execute(Runnable task) {
            synchronized (tasks) {
                tasks.add(task);
                if (running) {
                    return;
                }
                running = true;
            }
            try {
                pool.execute(this::work);
            } catch (RejectedExecutionException e) {
                again();
            }
        }

        /** All threads are busy: tries once more shortly, unless the node stops. */
        private void again() {
            try {
                timer.schedule(
                        () -> {
                            try {
                                pool.execute(this::work);
                            } catch (RejectedExecutionException e) {
                                again();
                            }
                        },
                        20,
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                synchronized (tasks) {
                    tasks.clear();
                    running = false;
                }
            }
        }

        private void work() {
            while (true) {
                Runnable task;
                synchronized (tasks) {
                    task = tasks.poll();
                    if (task == null) {
                        running = false;
                        return;
                    }
                }
                try {
                    task.run();
                } catch (Throwable e) {
                    Log.of(RealWorld.class).log(System.Logger.Level.WARNING, "task failed", e);
                }
            }
        }
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        try {
            ScheduledFuture<?> f =
                    timer.schedule(
                            () -> {
                                try {
                                    task.run();
                                } catch (Throwable e) {
                                    Log.of(RealWorld.class)
                                            .log(System.Logger.Level.WARNING, "timer failed", e);
                                }
                            },
                            delay.toNanos(),
                            TimeUnit.NANOSECONDS);
            return () -> f.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {}; // stopping
        }
    }

    @Override
    public NetworkView openNetwork() {
        SocketOwner owner = new SocketOwner();
        Network view = network.scoped(owner);
        return new NetworkView() {
            @Override
            public Network network() {
                return view;
            }

            @Override
            public boolean adopt(TcpSocket socket) {
                return owner.adopt(socket);
            }

            @Override
            public boolean adopt(UdpSocket socket) {
                return owner.adopt(socket);
            }

            @Override
            public void close() {
                owner.close();
            }
        };
    }

    /** Ends all threads; waits up to two seconds for them. */
    @Override
    public void close() {
        network.close();
        timer.shutdownNow();
        pool.shutdown();
        try {
            if (!pool.awaitTermination(2, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
            timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
