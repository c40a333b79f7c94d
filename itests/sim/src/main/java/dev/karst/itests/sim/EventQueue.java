// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Subscription;
import java.util.PriorityQueue;

/** What happens next, ordered by time, then by when it was asked for. */
final class EventQueue {
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long sequence;

    /** One thing to happen; closing it before makes it not happen. */
    static final class Event implements Comparable<Event>, Subscription {
        final long at;
        private final long order;
        private Runnable task;

        private Event(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }

        @Override
        public int compareTo(Event o) {
            int c = Long.compare(at, o.at);
            return c != 0 ? c : Long.compare(order, o.order);
        }

        @Override
        public void close() {
            task = null;
        }

        void run() {
            Runnable t = task;
            task = null;
            if (t != null) {
                t.run();
            }
        }
    }

    Event add(long at, Runnable task) {
        Event e = new Event(at, sequence++, task);
        events.add(e);
        return e;
    }

    /** Events that are still to happen. */
    int pending() {
        return (int) events.stream().filter(e -> e.task != null).count();
    }

    /** The next event that was not closed and is due by {@code limit}, removed; else null. */
    Event poll(long limit) {
        while (true) {
            Event e = events.peek();
            if (e == null || e.at > limit) {
                return null;
            }
            events.poll();
            if (e.task != null) {
                return e;
            }
        }
    }
}
