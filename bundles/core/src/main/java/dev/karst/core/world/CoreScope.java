// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.world;

import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * The one {@link Scope}: a view of the {@link World} that can be cancelled. After that it refers to
 * nothing of the provider it was handed to.
 */
public final class CoreScope implements Scope {
    private final World world;
    private final Executor lane;
    private final Counters counters;
    private final Instant deadline;
    private final Set<Runnable> onCancel = new LinkedHashSet<>();
    private final Set<Timer> timers = new LinkedHashSet<>();
    private volatile World.NetworkView network;
    private boolean cancelled;

    public CoreScope(World world, Executor lane, Counters counters, Instant deadline) {
        this.world = world;
        this.lane = lane;
        this.counters = counters;
        this.deadline = deadline;
    }

    @Override
    public Clock clock() {
        return world.clock();
    }

    @Override
    public long nanoTime() {
        return world.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return world.random();
    }

    @Override
    public SecureRandom secureRandom() {
        return world.secureRandom();
    }

    @Override
    public Executor executor() {
        return task -> {
            if (!cancelled()) {
                lane.execute(
                        () -> {
                            if (!cancelled()) {
                                runCounted(task);
                            }
                        });
            }
        };
    }

    private void runCounted(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) { // a provider's error must not end its lane
            counters.add("scope.task-failed");
            Log.of(CoreScope.class).log(System.Logger.Level.WARNING, "task failed", e);
        }
    }

    @Override
    public synchronized Network network() {
        if (network == null) {
            network = world.openNetwork();
            if (cancelled) {
                network.close();
            }
        }
        return network.network();
    }

    /** Takes over a socket that was made in another scope. */
    public boolean adopt(TcpSocket socket) {
        network();
        return network.adopt(socket);
    }

    /** Takes over a socket that was made in another scope. */
    public boolean adopt(UdpSocket socket) {
        network();
        return network.adopt(socket);
    }

    /** A timer entry that lets go of its task when it is over. */
    private final class Timer implements Subscription, Runnable {
        private Runnable task;
        private Subscription ticket;

        @Override
        public void run() {
            lane.execute(
                    () -> {
                        Runnable t;
                        synchronized (CoreScope.this) {
                            t = task;
                            task = null;
                            timers.remove(this);
                        }
                        if (t != null) {
                            runCounted(t);
                        }
                    });
        }

        @Override
        public void close() {
            synchronized (CoreScope.this) {
                task = null;
                timers.remove(this);
            }
            if (ticket != null) {
                ticket.close();
            }
        }
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        Timer timer = new Timer();
        synchronized (this) {
            if (cancelled) {
                return () -> {};
            }
            timer.task = task;
            timers.add(timer);
        }
        timer.ticket = world.after(delay, timer);
        return timer;
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    @Override
    public synchronized boolean cancelled() {
        return cancelled;
    }

    @Override
    public Subscription onCancel(Runnable task) {
        Runnable unique = task::run; // the same runnable may be given twice
        synchronized (this) {
            if (!cancelled) {
                onCancel.add(unique);
                return () -> {
                    synchronized (CoreScope.this) {
                        onCancel.remove(unique);
                    }
                };
            }
        }
        runCounted(task);
        return () -> {};
    }

    @Override
    public void count(String name) {
        counters.add(name);
    }

    /** Ends the scope: sockets, timers, tasks. Repeats are no-ops. */
    public void cancel() {
        List<Runnable> tasks;
        List<Timer> pending;
        World.NetworkView net;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            tasks = new ArrayList<>(onCancel);
            Collections.reverse(tasks); // who came last stands on what was there before
            onCancel.clear();
            pending = new ArrayList<>(timers);
            net = network;
        }
        pending.forEach(Timer::close);
        tasks.forEach(this::runCounted);
        if (net != null) {
            net.close();
        }
    }
}
