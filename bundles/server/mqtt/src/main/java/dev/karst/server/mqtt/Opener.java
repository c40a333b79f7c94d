// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import java.util.function.Function;

/**
 * Opens the listener; while another has the port, it tries again. What is opened is announced, and
 * the announcement withdrawn before it closes.
 */
final class Opener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Opener.class.getName());

    private final ServerConfig config;
    private final long pauseMillis;
    private final Function<BrokerListener, Runnable> announce;
    private final Thread thread;
    private BrokerListener listener;
    private Runnable withdraw;
    private boolean closed;

    /**
     * Tries at once, so that nobody waits where all is well.
     *
     * @param announce called once it listens; gives what withdraws that
     * @throws IllegalArgumentException if the settings are of no use
     */
    Opener(ServerConfig config, long pauseMillis, Function<BrokerListener, Runnable> announce) {
        this.config = config;
        this.pauseMillis = pauseMillis;
        this.announce = announce;
        thread = new Thread(this::retry, "karst-server-mqtt-retry");
        thread.setDaemon(true);
        try {
            open();
        } catch (IllegalStateException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "{0}; trying again every {1} ms",
                    e.getMessage(),
                    pauseMillis);
            thread.start();
        }
    }

    private void retry() {
        while (pause()) {
            try {
                BrokerListener.probe(config);
                open();
                return;
            } catch (IllegalStateException e) {
                LOG.log(System.Logger.Level.DEBUG, "still: {0}", e.getMessage());
            } catch (IllegalArgumentException e) { // the key store changed meanwhile
                LOG.log(System.Logger.Level.ERROR, "{0}: given up", e.getMessage());
                return;
            }
        }
    }

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

    private void open() {
        BrokerListener opened = BrokerListener.open(config);
        Runnable undo;
        try {
            undo = announce.apply(opened);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        synchronized (this) {
            listener = opened;
            withdraw = undo;
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(5000); // ends at once if it never began
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (listener == null) {
                return;
            }
        }
        withdraw.run();
        listener.close();
    }
}
