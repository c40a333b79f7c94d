// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time and in order, on whichever calling thread finds none running. A bridge
 * is told things by socket and pipe threads at once; this spares it locks, which it would hold
 * while calling into the core. A task that is submitted from a task runs after it.
 */
final class Serial {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    void run(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() > 0) {
            return;
        }
        RuntimeException failed = null;
        do {
            try {
                tasks.remove().run();
            } catch (RuntimeException e) {
                failed = e;
            }
        } while (waiting.decrementAndGet() > 0);
        if (failed != null) {
            throw failed;
        }
    }
}
