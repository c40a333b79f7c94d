// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Notices changes of addresses and routes by looking every {@value #SECONDS} s, while anybody wants
 * to know: Java has no news of them. Thread-safe.
 */
final class Changes {
    private static final int SECONDS = 1;

    private final CoreNetwork net;
    private final Supplier<List<?>> look;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private List<?> last;
    private boolean running;

    Changes(CoreNetwork net, Supplier<List<?>> look) {
        this.net = net;
        this.look = look;
    }

    /** One who wants to know; ends with its owner. */
    final class Watch implements Subscription, SocketOwner.Owned {
        private final SocketOwner.Slot slot = new SocketOwner.Slot();
        private final Runnable changed;

        private Watch(Runnable changed) {
            this.changed = changed;
        }

        @Override
        public void close() {
            watches.remove(this);
            SocketOwner.over(this);
        }

        @Override
        public SocketOwner.Slot slot() {
            return slot;
        }
    }

    Watch watch(Runnable changed) {
        Watch w = new Watch(changed);
        synchronized (this) {
            watches.add(w);
            if (!running) {
                running = true;
                last = look.get();
                net.later(Duration.ofSeconds(SECONDS), this::tick);
            }
        }
        return w;
    }

    synchronized boolean running() {
        return running;
    }

    private void tick() {
        if (!net.tryExecute(this::compare)) {
            again(); // all threads are busy
        }
    }

    private void compare() {
        List<?> now = look.get();
        boolean news;
        synchronized (this) {
            news = !now.equals(last);
            last = now;
        }
        if (news) {
            for (Watch w : watches) {
                try {
                    w.changed.run();
                } catch (Throwable e) {
                    net.count("net.handler-failed");
                }
            }
        }
        again();
    }

    private synchronized void again() {
        running = !watches.isEmpty();
        if (running) {
            net.later(Duration.ofSeconds(SECONDS), this::tick);
        }
    }
}
