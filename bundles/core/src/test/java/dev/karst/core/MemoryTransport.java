// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathAcceptor;
import dev.karst.spi.transport.PathHandler;
import dev.karst.spi.transport.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Paths inside one JVM that can be cut at any moment: faults at the level of frames. */
final class MemoryTransport implements Transport {
    private static final Map<Integer, PathAcceptor> LISTENERS = new ConcurrentHashMap<>();
    private static final AtomicInteger PORTS = new AtomicInteger(1000);
    final List<MemoryPath> paths = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope) {
        int port = at.port() > 0 ? at.port() : PORTS.incrementAndGet();
        LISTENERS.put(port, acceptor);
        Endpoint bound = Endpoint.of("mem", "127.0.0.1", port);
        Listening l =
                new Listening() {
                    @Override
                    public Endpoint endpoint() {
                        return bound;
                    }

                    @Override
                    public void close() {
                        LISTENERS.remove(port, acceptor);
                    }
                };
        scope.onCancel(l::close);
        return CompletableFuture.completedFuture(l);
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to, Scope scope) {
        PathAcceptor acceptor = LISTENERS.get(to.port());
        if (acceptor == null) {
            return CompletableFuture.failedFuture(new IOException("refused"));
        }
        Executor[] lanes = {serial(scope.executor()), serial(scope.executor())};
        MemoryPath near = new MemoryPath(to, lanes[0]);
        MemoryPath far = new MemoryPath(to, lanes[1]);
        near.other = far;
        far.other = near;
        paths.add(near);
        scope.onCancel(near::cut);
        paths.removeIf(p -> p.gone);
        acceptor.accepted(far);
        return CompletableFuture.completedFuture(near);
    }

    /** The tests' paths have threads of their own: a scope's lane serves one provider alone. */
    private static Executor serial(Executor ignored) {
        return java.util.concurrent.Executors.newSingleThreadExecutor(
                r -> {
                    Thread t = new Thread(r, "memory-path");
                    t.setDaemon(true);
                    return t;
                });
    }

    /** Cuts all paths: frames on their way are lost. */
    void cut() {
        for (MemoryPath p : paths) {
            p.cut();
        }
    }

    /** A place that takes paths and never says anything. */
    static Endpoint silence() {
        int port = PORTS.incrementAndGet();
        LISTENERS.put(port, p -> {});
        return Endpoint.of("mem", "127.0.0.1", port);
    }

    /** Frames vanish from now on, and nobody is told. */
    void blackHole() {
        for (MemoryPath p : paths) {
            p.deaf = true;
            p.other.deaf = true;
        }
    }

    static final class MemoryPath implements Path {
        private final Endpoint to;
        private final Executor lane;
        private final AtomicInteger inFlight = new AtomicInteger();
        private final CompletableFuture<PathHandler> handler = new CompletableFuture<>();
        MemoryPath other;
        volatile boolean gone;
        volatile boolean deaf;
        private volatile boolean full;
        private volatile Queue<Runnable> turns; // null = all go at once

        MemoryPath(Endpoint to, Executor lane) {
            this.to = to;
            this.lane = lane;
        }

        @Override
        public Endpoint local() {
            return to;
        }

        @Override
        public Endpoint remote() {
            return to;
        }

        @Override
        public int maxFrame() {
            return 65_536;
        }

        @Override
        public boolean reliable() {
            return true;
        }

        @Override
        public void start(PathHandler h) {
            handler.complete(h);
        }

        @Override
        public boolean send(int laneNumber, ByteBuffer frame) {
            byte[] copy = new byte[frame.remaining()];
            frame.get(copy);
            MemoryPath to = other;
            int waiting = inFlight.addAndGet(copy.length);
            carry(
                    () -> {
                        if (!to.gone && !to.deaf) {
                            to.handler.join().frame(ByteBuffer.wrap(copy));
                        }
                        if (inFlight.addAndGet(-copy.length) < 64 << 10 && full) {
                            full = false;
                            lane.execute(() -> handler.join().writable());
                        }
                    });
            if (waiting > 256 << 10) {
                full = true;
                return false;
            }
            return true;
        }

        /** Frames arrive two at a time from now on, each time the timer says so. */
        void slow(ScheduledExecutorService timer, Duration pace) {
            Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
            turns = queue;
            timer.scheduleAtFixedRate(
                    () -> {
                        for (int i = 0; i < 2 && !queue.isEmpty(); i++) {
                            other.lane.execute(queue.poll());
                        }
                    },
                    pace.toMillis(),
                    pace.toMillis(),
                    TimeUnit.MILLISECONDS);
        }

        private void carry(Runnable delivery) {
            Queue<Runnable> queue = turns;
            if (queue != null) {
                queue.add(delivery);
            } else {
                other.lane.execute(delivery);
            }
        }

        @Override
        public void receiving(boolean on) {}

        @Override
        public void close() {
            carry(() -> end(other));
            lane.execute(() -> end(this));
        }

        void cut() {
            gone = true;
            other.gone = true;
            handler.thenAcceptAsync(h -> h.closed("cut"), lane);
            other.handler.thenAcceptAsync(h -> h.closed("cut"), other.lane);
        }

        private static void end(MemoryPath p) {
            if (!p.gone) {
                p.gone = true;
                p.handler.join().closed("closed");
            }
        }
    }
}
