// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.opener;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Opens a server and announces it; while that fails, as when the version before it still has the
 * port, it tries again on a thread of its own. {@link #close} withdraws and closes what was opened.
 */
public final class Opener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Opener.class.getName());
    private static final long JOIN_MILLIS = 5000;

    private final Supplier<Runnable> open;
    private final long pauseMillis;
    private final Thread thread;
    private Runnable opened; // guarded by this
    private boolean closed;

    /**
     * Tries at once, so that nobody waits where all is well.
     *
     * @param thread its name
     * @param pauseMillis between two tries
     * @param open {@link IllegalStateException}: try again; anything else is of no use to repeat
     * @param announce called once it is open; gives what withdraws that. The same of its exceptions
     * @throws RuntimeException of the first try, but for {@link IllegalStateException}
     */
    public <S extends AutoCloseable> Opener(
            String thread, long pauseMillis, Supplier<S> open, Function<S, Runnable> announce) {
        this.open = () -> open(open.get(), announce);
        this.pauseMillis = pauseMillis;
        this.thread = new Thread(this::retry, thread);
        this.thread.setDaemon(true);
        try {
            done(this.open.get());
        } catch (IllegalStateException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "{0}; trying again every {1} ms",
                    e.getMessage(),
                    pauseMillis);
            this.thread.start();
        }
    }

    private static <S extends AutoCloseable> Runnable open(
            S server, Function<S, Runnable> announce) {
        Runnable withdraw;
        try {
            withdraw = announce.apply(server);
        } catch (RuntimeException e) {
            end(server);
            throw e;
        }
        return () -> {
            withdraw.run();
            end(server);
        };
    }

    private static void end(AutoCloseable server) {
        try {
            server.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "a server does not close", e);
        }
    }

    private void retry() {
        while (pause()) {
            try {
                done(open.get());
                return;
            } catch (IllegalStateException e) {
                LOG.log(System.Logger.Level.DEBUG, "still: {0}", e.getMessage());
            } catch (RuntimeException e) { // such as a key store that changed meanwhile
                LOG.log(System.Logger.Level.ERROR, "{0}: given up", e.getMessage());
                return;
            }
        }
    }

    private synchronized void done(Runnable close) {
        opened = close;
    }

    /** False once there is no need to go on. */
    private synchronized boolean pause() {
        long until = System.nanoTime() + pauseMillis * 1_000_000;
        long left = pauseMillis;
        try {
            while (!closed && left > 0) {
                wait(left);
                left = (until - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException e) {
            return false;
        }
        return !closed;
    }

    /** Closes what is open, or ends the tries; takes at most 5 s and what closing takes. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(JOIN_MILLIS); // ends at once if it never began
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runnable close;
        synchronized (this) {
            close = opened;
            opened = null;
        }
        if (close != null) {
            close.run();
        }
    }
}
