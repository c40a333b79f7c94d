// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.NetDriver;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;

/**
 * A channel that is turned by whatever driver is best, and waits where there is none.
 *
 * <p>It has one <em>turn</em>: {@link #ready} and submitted tasks run one at a time, whichever
 * thread they come on, so that an old loop that has not let go yet and a new one that has already
 * begun are never inside at once. Readiness is level-triggered; a call that comes in between is
 * dropped and asked for again.
 */
abstract class Driven {
    /**
     * How long a leaving driver may take to let go; it is deaf already, so nothing depends on it.
     */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private static final Duration RETRY = Duration.ofMillis(50);

    final CoreNetwork net;
    final SelectableChannel channel;

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>(2);
    private Link link;
    private int wanted;
    private boolean moving;
    private boolean busy;
    private boolean deferred;
    private boolean retrying;
    private boolean gone;

    Driven(CoreNetwork net, SelectableChannel channel) throws IOException {
        this.net = net;
        this.channel = channel;
        channel.configureBlocking(false);
    }

    /** The channel is ready; in turn. Must not throw. */
    abstract void ready(int ops);

    /** The channel was closed; in turn, once. */
    abstract void shut();

    /** Ends at once, for the reason given. */
    abstract void end(IOException why);

    /** Begins to be turned. */
    final void join() {
        net.drivers.join(this);
    }

    // --- the turn ---

    final void turn(Link from, int ops) {
        synchronized (this) {
            if (link != from || gone) {
                return;
            }
            if (busy) {
                deferred = true;
                from.interest(0);
                return;
            }
            busy = true;
        }
        try {
            ready(ops);
        } finally {
            leave();
        }
    }

    private void leave() {
        while (true) {
            Runnable task;
            synchronized (this) {
                task = tasks.poll();
                if (task == null) {
                    busy = false;
                    if (deferred) {
                        deferred = false;
                        tellInterest();
                    }
                    return;
                }
            }
            try {
                task.run();
            } catch (Throwable e) { // the turn must go on
                net.count("net.task-failed");
            }
        }
    }

    private void drain() {
        synchronized (this) {
            if (busy) {
                return;
            }
            busy = true;
        }
        leave();
    }

    /** Runs a task in turn, later than this call unless it is made in turn, on a network thread. */
    final void submit(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (busy) {
                return;
            }
        }
        schedule();
    }

    private void schedule() {
        Link l;
        synchronized (this) {
            l = link;
        }
        if (l == null || !l.execute(this::drain)) {
            net.execute(this::drain);
        }
    }

    // --- interest ---

    /** Adds or removes interest in an operation. */
    final synchronized void want(int op, boolean on) {
        int ops = on ? wanted | op : wanted & ~op;
        if (ops != wanted) {
            wanted = ops;
            tellInterest();
        }
    }

    private void tellInterest() {
        if (link != null && !deferred) {
            link.interest(wanted);
        }
    }

    /**
     * The driver failed to take the interest set. It is told again, and until it has taken it the
     * channel gets a turn now and then all the same: no handler minds one for nothing.
     */
    final synchronized void refused(Link from) {
        if (link == from && !gone && !retrying) {
            retrying = true;
            net.count("net.interest-refused");
            net.later(RETRY, this::retell);
        }
    }

    private void retell() {
        synchronized (this) {
            retrying = false;
            tellInterest();
            if (!retrying) {
                return;
            }
        }
        submit(this::turnAlone);
    }

    private void turnAlone() {
        int ops;
        synchronized (this) {
            ops = gone ? 0 : wanted;
        }
        if (ops != 0) {
            ready(ops);
        }
    }

    // --- coming and going of drivers ---

    final synchronized boolean drivenBy(NetDriver d) {
        return link != null && link.of(d);
    }

    /** Leaves its driver unless that is the best one, and goes to the best one. */
    final void relink() {
        Link old;
        synchronized (this) {
            // who is moving already looks for the best driver at the end of it
            if (gone || moving || link != null && link.of(net.drivers.best())) {
                return;
            }
            moving = true;
            old = link;
            link = null;
        }
        if (old == null) {
            attach(false);
        } else {
            release(old, this::attach);
        }
    }

    private interface Next {
        /**
         * Goes on.
         *
         * @param fresh whether this is a call from a loop or timer, not from inside some caller
         */
        void go(boolean fresh);
    }

    private void release(Link old, Next next) {
        Patience once = new Patience(next);
        CompletionStage<Void> released = old.cut();
        try {
            released.whenComplete((v, e) -> once.released());
        } catch (Throwable e) {
            once.released();
        }
        once.await(net);
    }

    /** Goes on once: when the driver has let go or when patience ends. Knows nothing of it. */
    private static final class Patience {
        private final Thread caller = Thread.currentThread();
        private Next next;
        private boolean waiting;
        private Runnable stopTimer = () -> {};

        Patience(Next next) {
            this.next = next;
        }

        void await(CoreNetwork net) {
            synchronized (this) {
                waiting = true;
                if (next == null) {
                    return;
                }
            }
            Runnable stop =
                    net.later(
                            PATIENCE,
                            () -> {
                                net.count("net.release-timeout");
                                released();
                            });
            synchronized (this) {
                stopTimer = stop;
                if (next != null) {
                    return;
                }
            }
            stop.run();
        }

        void released() {
            Next n;
            boolean fresh;
            Runnable stop;
            synchronized (this) {
                n = next;
                next = null;
                fresh = waiting || Thread.currentThread() != caller;
                stop = stopTimer;
            }
            if (n != null) {
                stop.run();
                n.go(fresh);
            }
        }
    }

    private void attach(boolean fresh) {
        NetDriver d = net.drivers.best();
        Link l = d == null ? null : new Link(this, d);
        boolean tied = l != null && l.tie();
        boolean closing;
        boolean again;
        boolean pending;
        synchronized (this) {
            closing = gone;
            again = net.drivers.best() != d;
            moving = closing;
            link = tied && !closing ? l : null;
            deferred = false;
            tellInterest();
            pending = !tasks.isEmpty() && !busy;
        }
        if (closing) {
            if (tied) {
                release(l, this::close);
            } else {
                close(fresh);
            }
            return;
        }
        if (pending) {
            schedule(); // what the last driver dropped
        }
        if (again) {
            relink();
        } else if (d != null && !tied) {
            net.count("net.driver-refused");
            net.later(RETRY, this::relink);
        }
    }

    /** Takes the channel from its driver, closes it and tells {@link #shut}. Repeats: no-ops. */
    final void closeChannel() {
        Link old;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            net.closing(this);
            if (moving) {
                return; // attach() sees it
            }
            old = link;
            link = null;
        }
        if (old == null) {
            close(false);
        } else {
            // closing a registered channel frees the descriptor only at the next select
            release(old, this::close);
        }
    }

    private void close(boolean fresh) {
        try {
            channel.close();
        } catch (IOException e) {
            net.count("net.close-failed");
        }
        net.closed(this);
        synchronized (this) {
            tasks.add(this::shut);
        }
        if (fresh) {
            drain();
        } else {
            net.execute(this::drain);
        }
    }
}
