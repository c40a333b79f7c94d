// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays worlds side by side, one on each processor, and says now and then how far it is. */
public final class Crew implements AutoCloseable {
    private static final long EVERY = 10_000_000_000L;

    private final ExecutorService threads;
    private final boolean quiet;

    public Crew(int threads, boolean quiet) {
        this.threads = Executors.newFixedThreadPool(threads);
        this.quiet = quiet;
    }

    /** In the order of the tasks. */
    public <T> List<T> all(String what, List<Callable<T>> tasks) {
        AtomicInteger done = new AtomicInteger();
        List<Future<T>> running = new ArrayList<>();
        for (Callable<T> t : tasks) {
            running.add(
                    threads.submit(
                            () -> {
                                T result = t.call();
                                done.incrementAndGet();
                                return result;
                            }));
        }
        long told = System.nanoTime();
        List<T> out = new ArrayList<>();
        try {
            for (Future<T> f : running) {
                out.add(f.get());
                if (!quiet && System.nanoTime() - told > EVERY) {
                    told = System.nanoTime();
                    System.out.printf("%s: %d of %d%n", what, done.get(), tasks.size());
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return out;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
