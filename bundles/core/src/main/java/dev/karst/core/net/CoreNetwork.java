// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.NetDriver;
import dev.karst.spi.net.Network;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * All sockets of the core, whichever driver turns them. Without a driver they stay open, unread,
 * and keep what they were given to send, up to their limit. Thread-safe; no call blocks.
 */
public final class CoreNetwork implements AutoCloseable {
    private static final int REBIND_TRIES = 50;
    private static final Duration REBIND = Duration.ofMillis(20);

    final Drivers drivers = new Drivers();
    final Changes changes = new Changes(this, () -> List.of(Names.interfaces(), Routes.gateways()));
    final Chunks outChunks = new Chunks(64 * 1024, 64);
    final Chunks inChunks = new Chunks(128 * 1024, 8);

    private final Set<Driven> closing = ConcurrentHashMap.newKeySet();
    private final Executor executor;
    private final ScheduledExecutorService timer;
    private final Consumer<String> counter;
    private volatile boolean closed;

    /**
     * Uses, but does not own, what it is given.
     *
     * @param executor for DNS, TLS computations and news of sockets that no driver turns
     * @param timer for short tasks that do not block
     * @param counter adds one to the counter of that name
     */
    public CoreNetwork(
            Executor executor, ScheduledExecutorService timer, Consumer<String> counter) {
        this.executor = executor;
        this.timer = timer;
        this.counter = counter;
    }

    /** The network as one scope sees it: its sockets close with their owner. */
    public Network scoped(SocketOwner owner) {
        return new ScopedNetwork(this, owner);
    }

    /** A driver came; it is used if there was none. */
    public void driver(NetDriver driver) {
        drivers.add(driver);
    }

    /** Moves all sockets to this driver, each on its own, without a pause for the others. */
    public void use(NetDriver best) {
        drivers.use(best);
    }

    /** A driver left: takes its sockets back and gives them to the latest of the others, if any. */
    public void driverGone(NetDriver driver) {
        drivers.remove(driver);
    }

    /** How many sockets that driver turns now. */
    public int driven(NetDriver driver) {
        return drivers.count(driver);
    }

    /** Sockets and listeners that are open. */
    public int open() {
        return drivers.all().size();
    }

    /** Ends all sockets at once; new ones fail. */
    @Override
    public void close() {
        closed = true;
        drivers.all().forEach(d -> d.end(new IOException("the node is stopping")));
    }

    // --- for the sockets ---

    void check() throws IOException {
        if (closed) {
            throw new IOException("the node is stopping");
        }
    }

    void count(String name) {
        counter.accept(name);
    }

    /** Runs a task on another thread, whatever it takes. */
    void execute(Runnable task) {
        if (!tryExecute(task)) {
            try {
                timer.execute(task);
            } catch (RejectedExecutionException e) {
                task.run(); // the node is stopping
            }
        }
    }

    /** Runs a task that may block on another thread; false when there is none. */
    boolean tryExecute(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Runs a short task later; returns what takes it back. */
    Runnable later(Duration delay, Runnable task) {
        try {
            Future<?> f = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> f.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {}; // the node is stopping
        }
    }

    /**
     * Addresses or routes changed. A connection from an address that this machine has no more would
     * be silent until somebody gives it up, minutes later.
     */
    void changed() {
        Set<InetAddress> present = new HashSet<>();
        Names.interfaces().forEach(i -> present.add(i.address()));
        for (Driven d : drivers.all()) {
            if (d instanceof CoreTcpSocket s && !s.internal()) {
                s.present(present);
            }
        }
    }

    void closing(Driven d) {
        closing.add(d);
    }

    void closed(Driven d) {
        closing.remove(d);
        drivers.leave(d);
    }

    /**
     * Makes a bound socket. A port that one of our own sockets is about to give back is waited for,
     * up to a second.
     */
    <T> CompletableFuture<T> bind(Callable<T> maker) {
        CompletableFuture<T> result = new CompletableFuture<>();
        bind(maker, result, REBIND_TRIES);
        return result;
    }

    private <T> void bind(Callable<T> maker, CompletableFuture<T> result, int tries) {
        boolean waiting = !closing.isEmpty();
        try {
            check();
            result.complete(maker.call());
        } catch (BindException e) {
            if (tries > 0 && waiting) {
                later(REBIND, () -> bind(maker, result, tries - 1));
            } else {
                result.completeExceptionally(e);
            }
        } catch (Exception e) {
            result.completeExceptionally(asIo(e));
        }
    }

    /** Unchecked errors of bad addresses, too, are told as {@link IOException}. */
    static IOException asIo(Throwable e) {
        if (e instanceof IOException io) {
            return io;
        }
        return new IOException(
                e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
    }
}
