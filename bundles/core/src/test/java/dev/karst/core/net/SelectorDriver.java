// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.NetDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The least driver there can be: one thread, one selector. */
public class SelectorDriver implements NetDriver, AutoCloseable {
    private final Selector selector;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "test-selector");
    private volatile boolean stopped;

    public SelectorDriver() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!stopped) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.isValid()) {
                        ((SelectorDrive) key.attachment()).ready(key.readyOps());
                    }
                }
                selector.selectedKeys().clear();
                Runnable task;
                while ((task = tasks.poll()) != null) {
                    task.run();
                }
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void execute(Runnable task) {
        if (stopped) {
            throw new IllegalStateException("stopped");
        }
        tasks.add(task);
        selector.wakeup();
    }

    boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public Drive drive(SelectableChannel channel, Readiness readiness) {
        SelectorDrive d = new SelectorDrive(channel, readiness);
        execute(d::register);
        return d;
    }

    /** Stops after what it was told before. */
    @Override
    public void close() {
        stopped = true;
        selector.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    class SelectorDrive implements Drive {
        private final SelectableChannel channel;
        private volatile Readiness readiness;
        private volatile int ops;
        private SelectionKey key;

        SelectorDrive(SelectableChannel channel, Readiness readiness) {
            this.channel = channel;
            this.readiness = readiness;
        }

        private void register() {
            try {
                key = readiness == null ? null : channel.register(selector, ops, this);
            } catch (IOException e) {
                key = null; // closed meanwhile
            }
        }

        private void ready(int readyOps) {
            Readiness r = readiness;
            if (r != null) {
                r.ready(readyOps);
            }
        }

        @Override
        public void interest(int wanted) {
            ops = wanted;
            SelectorDriver.this.execute(
                    () -> {
                        if (key != null && key.isValid()) {
                            key.interestOps(ops);
                        }
                    });
        }

        @Override
        public void execute(Runnable task) {
            SelectorDriver.this.execute(
                    () -> {
                        if (readiness != null) {
                            task.run();
                        }
                    });
        }

        @Override
        public boolean inLoop() {
            return SelectorDriver.this.inLoop();
        }

        @Override
        public CompletionStage<Void> release() {
            readiness = null;
            CompletableFuture<Void> done = new CompletableFuture<>();
            SelectorDriver.this.execute(
                    () -> {
                        if (key != null) {
                            key.cancel();
                        }
                        try {
                            selector.selectNow();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        done.complete(null);
                    });
            return done;
        }
    }
}
