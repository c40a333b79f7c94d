// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Notices changes of addresses and routes by looking every second, while anybody wants to know:
 * Java has no news of them. For a while after a change it looks more often: one network goes before
 * the next one comes. Thread-safe.
 */
final class Changes {
    private static final Duration USUAL = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofMillis(200);

    /** How many looks follow each other soon after a change. */
    private static final int SOON_LOOKS = 150;

    private final CoreNetwork net;
    private final Supplier<List<?>> look;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private List<?> last;
    private boolean running;
    private int soon; // looks left

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
                net.later(USUAL, this::tick);
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
            soon = news ? SOON_LOOKS : Math.max(0, soon - 1);
        }
        if (news) {
            net.changed();
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
            net.later(soon > 0 ? SOON : USUAL, this::tick);
        }
    }
}
