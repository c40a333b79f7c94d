// SPDX-License-Identifier: Apache-2.0
package dev.karst.net.netty;

import dev.karst.spi.net.NetDriver;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoEvent;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoOps;
import io.netty.util.concurrent.Future;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One channel on one loop. Never closes it, whatever Netty asks of its own handles. */
final class NettyDrive implements NetDriver.Drive, NioIoHandle {
    private final SelectableChannel channel;
    private final IoEventLoop loop;
    private final Consumer<NettyDrive> gone;
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final Runnable apply = this::apply;
    private volatile NetDriver.Readiness readiness; // null once released
    private volatile int ops;
    private IoRegistration registration; // in the loop

    NettyDrive(
            SelectableChannel channel,
            NetDriver.Readiness readiness,
            IoEventLoop loop,
            Consumer<NettyDrive> gone) {
        this.channel = channel;
        this.readiness = readiness;
        this.loop = loop;
        this.gone = gone;
    }

    void begin() {
        try {
            loop.execute(this::register);
        } catch (RejectedExecutionException e) {
            gone.accept(this);
            throw new IllegalStateException("the driver is stopped", e);
        }
    }

    private void register() {
        if (readiness == null || !channel.isOpen()) {
            return;
        }
        Future<IoRegistration> f = loop.register(this); // at once, in the loop
        registration = f.getNow();
        apply();
    }

    private void apply() {
        if (registration != null && readiness != null && registration.isValid()) {
            registration.submit(NioIoOps.valueOf(ops));
        }
    }

    @Override
    public void interest(int wanted) {
        ops = wanted;
        if (loop.inEventLoop()) {
            apply();
        } else if (readiness != null) {
            loop.execute(apply); // wakes the selector, too
        }
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(
                () -> {
                    if (readiness != null) {
                        task.run();
                    }
                });
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    @Override
    public CompletionStage<Void> release() {
        readiness = null;
        try {
            loop.execute(this::unregister);
        } catch (RejectedExecutionException e) {
            over(); // the loop is past its last call
        }
        return released;
    }

    private void unregister() {
        if (registration == null) {
            over();
            return;
        }
        SelectionKey key = registration.attachment();
        registration.cancel();
        registration = null;
        awaitSelect(key);
    }

    /** A cancelled key lets go of its channel only at the next select, so look again after that. */
    private void awaitSelect(SelectionKey key) {
        if (channel.keyFor(key.selector()) == null) {
            over();
        } else {
            loop.schedule(() -> awaitSelect(key), 0, TimeUnit.NANOSECONDS);
        }
    }

    /** Nothing of the channel is left here. */
    void over() {
        gone.accept(this);
        released.complete(null);
    }

    // --- called by Netty, in the loop ---

    @Override
    public SelectableChannel selectableChannel() {
        return channel;
    }

    @Override
    public void handle(IoRegistration r, IoEvent event) {
        NetDriver.Readiness to = readiness;
        if (to != null) {
            to.ready(((NioIoEvent) event).ops().value());
        }
    }

    @Override
    public void close() {
        // the channel is the core's
    }
}
