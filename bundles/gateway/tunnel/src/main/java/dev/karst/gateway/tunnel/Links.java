// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** The connections of one tunnel, out of a number that all tunnels share. */
final class Links {
    private final Semaphore slots;
    private final Meter meter;
    private final Set<Link> open = ConcurrentHashMap.newKeySet();

    Links(Semaphore slots, Meter meter) {
        this.slots = slots;
        this.meter = meter;
    }

    /** A place for one connection; empty when the limit is reached. */
    Optional<Link> take() {
        if (!slots.tryAcquire()) {
            return Optional.empty();
        }
        Link link = new Link();
        open.add(link);
        meter.began();
        return Optional.of(link);
    }

    void abortAll() {
        open.forEach(Link::abort);
    }

    /** One connection, from its first moment to its last. Thread-safe. */
    final class Link {
        private Runnable abort;
        private boolean aborted;
        private boolean ended;

        /** Sets what ends the connection from outside; runs it at once if that was asked for. */
        void onAbort(Runnable task) {
            synchronized (this) {
                abort = task;
                if (!aborted) {
                    return;
                }
            }
            task.run();
        }

        void abort() {
            Runnable task;
            synchronized (this) {
                aborted = true;
                task = abort;
            }
            if (task != null) {
                task.run();
            }
        }

        /** Gives the place back; repeats do nothing. */
        void end() {
            synchronized (this) {
                if (ended) {
                    return;
                }
                ended = true;
            }
            open.remove(this);
            slots.release();
            meter.ended();
        }
    }
}
