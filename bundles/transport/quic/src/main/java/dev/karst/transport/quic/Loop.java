// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An event loop without a thread: runs on the executor and the timers of a scope. Netty's own
 * ManualIoEventLoop belongs to one thread for ever; a scope's executor changes threads.
 *
 * <p>When the scope is over its executor takes nothing more. Then tasks run on the thread that
 * brings them, so that native memory is freed and the end is told in any case.
 */
final class Loop extends AbstractScheduledEventExecutor implements EventLoop {
    /** Others share the executor: after so many tasks they have their turn. */
    private static final int BATCH = 256;

    private static final long NONE = Long.MAX_VALUE;

    private final Scope scope;
    private final Ticker ticker;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean requested = new AtomicBoolean();
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile Thread owner;
    private volatile boolean direct;

    // in the loop only
    private long armedAt = NONE;
    private Subscription armed = () -> {};
    private Subscription onCancel = () -> {};
    private boolean stopped;

    Loop(Scope scope) {
        this.scope = scope;
        ticker = new ScopeTicker(scope);
    }

    /** Runs {@code cancelled} when the scope is over. In the loop, once. */
    void onCancel(Runnable cancelled) {
        onCancel =
                scope.onCancel(
                        () -> {
                            direct = true;
                            tasks.add(cancelled);
                            drain();
                        });
    }

    /** Time since the loop was made: Netty takes no negative deadlines. */
    private static final class ScopeTicker implements Ticker {
        private final Scope scope;
        private final long base;

        ScopeTicker(Scope scope) {
            this.scope = scope;
            base = scope.nanoTime();
        }

        @Override
        public long initialNanoTime() {
            return base;
        }

        @Override
        public long nanoTime() {
            return scope.nanoTime() - base;
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (!inEventLoop()) {
            request();
        }
    }

    /** Runs a task on this thread, which must be one of the scope's executor. */
    void here(Runnable task) {
        tasks.add(task);
        drain();
    }

    private void request() {
        if (direct) {
            drain();
        } else if (requested.compareAndSet(false, true)) {
            scope.executor().execute(this::requested);
        }
    }

    private void requested() {
        requested.set(false);
        drain();
    }

    /** Whoever comes first runs what there is; the others leave theirs to it. */
    private void drain() {
        do {
            if (inEventLoop() || !running.compareAndSet(false, true)) {
                return;
            }
            boolean more;
            owner = Thread.currentThread();
            try {
                more = turn();
                arm();
            } finally {
                owner = null;
                running.set(false);
            }
            if (more && !direct) {
                request();
                return;
            }
        } while (!tasks.isEmpty());
    }

    private boolean turn() {
        fetchFromScheduledTaskQueue(tasks);
        for (int i = 0; i < BATCH || direct; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return false;
            }
            safeExecute(task);
        }
        return true;
    }

    /** Keeps one timer of the scope for the next task; one that is too early only looks again. */
    private void arm() {
        long next = stopped ? -1 : nextScheduledTaskDeadlineNanos();
        if (next < 0 || next >= armedAt) {
            return;
        }
        armed.close();
        armedAt = next;
        long delay = Math.max(0, next - ticker.nanoTime());
        armed = scope.after(Duration.ofNanos(delay), () -> here(this::fired));
    }

    private void fired() {
        armedAt = NONE;
        fetchFromScheduledTaskQueue(tasks);
    }

    /** No timer fires after this; tasks still run. In the loop. */
    void stop() {
        stopped = true;
        cancelScheduledTasks();
        armed.close();
        onCancel.close();
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return thread == owner;
    }

    @Override
    public EventLoopGroup parent() {
        return this;
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    // --- it never ends: there is no thread to end ---

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<?> terminationFuture() {
        throw new UnsupportedOperationException();
    }

    @Deprecated
    @Override
    public void shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }
}
