// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** A scope on a host of the simulated world, for testing a provider without the core. */
public final class SimScope implements Scope {
    private final SimHost host;
    private final Instant deadline;
    private final SimNetwork network;
    private final Executor lane;
    private final Set<Runnable> onCancel = new LinkedHashSet<>();
    private boolean cancelled;

    SimScope(SimHost host, Instant deadline) {
        this.host = host;
        this.deadline = deadline;
        this.network = host.network();
        this.lane = host.lane();
    }

    @Override
    public Clock clock() {
        return host.clock();
    }

    @Override
    public long nanoTime() {
        return host.world().nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return host.random();
    }

    @Override
    public SecureRandom secureRandom() {
        return host.secureRandom();
    }

    @Override
    public Executor executor() {
        return this::execute;
    }

    private void execute(Runnable task) {
        if (!cancelled) {
            lane.execute(
                    () -> {
                        if (!cancelled) {
                            run(task);
                        }
                    });
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            host.count("scope.task-failed");
            host.world().failed(host.name(), e);
        }
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        boolean[] closed = {false};
        Subscription timer =
                host.after(
                        delay,
                        () ->
                                execute(
                                        () -> {
                                            if (!closed[0]) {
                                                task.run();
                                            }
                                        }));
        return () -> {
            closed[0] = true;
            timer.close();
        };
    }

    @Override
    public Instant deadline() {
        return deadline;
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public Subscription onCancel(Runnable task) {
        if (cancelled) {
            run(task);
            return () -> {};
        }
        Runnable unique = task::run; // the same runnable may be given twice
        onCancel.add(unique);
        return () -> onCancel.remove(unique);
    }

    @Override
    public void count(String name) {
        host.count(name);
    }

    /** Ends the work: timers, tasks and sockets. Repeats do nothing. */
    public void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        List<Runnable> tasks = List.copyOf(onCancel);
        onCancel.clear();
        tasks.forEach(this::run);
        network.close();
    }

    /** Sockets made in this scope that are open. */
    public int openSockets() {
        return network.open();
    }
}
