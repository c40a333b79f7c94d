// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.DatagramPipe;
import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** Pipes whose two ends are in one process; stream pipes have a window. */
final class MemoryPipes {
    static final int WINDOW = 256 << 10;
    private static final int CHUNK = 16 << 10;

    private MemoryPipes() {}

    /** What both kinds share; signals of one end come one at a time on the executor. */
    private abstract static class End {
        final ProtocolId protocol;
        final PeerId peer;
        final Executor executor;
        final Serial serial = new Serial();
        final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        Flow.Subscriber<? super ByteBuffer> subscriber;
        final AtomicLong demand = new AtomicLong();
        boolean told;

        End(ProtocolId protocol, PeerId peer, Executor executor) {
            this.protocol = protocol;
            this.peer = peer;
            this.executor = executor;
        }

        /** Off the calling thread, in the order of the calls. */
        void later(Runnable task) {
            tasks.add(task);
            try {
                executor.execute(() -> serial.run(() -> tasks.remove().run()));
            } catch (RejectedExecutionException e) {
                // the test is over
            }
        }

        public ProtocolId protocol() {
            return protocol;
        }

        public PeerId peer() {
            return peer;
        }

        public PipeState state() {
            return closed.isDone() ? PipeState.CLOSED : PipeState.OPEN;
        }

        public CompletionStage<Void> closed() {
            return closed;
        }

        public Flow.Publisher<ByteBuffer> incoming() {
            return s ->
                    later(
                            () -> {
                                subscriber = s;
                                s.onSubscribe(
                                        new Flow.Subscription() {
                                            @Override
                                            public void request(long n) {
                                                demand.addAndGet(n);
                                                later(End.this::deliver);
                                            }

                                            @Override
                                            public void cancel() {}
                                        });
                                deliver();
                            });
        }

        abstract void deliver();

        void error(KarstException.Code code) {
            later(
                    () -> {
                        if (closed.isDone()) {
                            return;
                        }
                        KarstException e = new KarstException(code, "test");
                        closed.completeExceptionally(e);
                        fail(e);
                    });
        }

        void fail(KarstException e) {
            if (subscriber != null && !told) {
                told = true;
                subscriber.onError(e);
            }
        }
    }

    /** One end of a byte stream; it holds what the other end wrote. */
    static final class Stream extends End implements StreamPipe {
        private record Write(ByteBuffer bytes, CompletableFuture<Void> done) {}

        Stream other;
        int mostUnaccepted;
        private final Deque<Write> writes = new ArrayDeque<>();
        private final Deque<ByteBuffer> chunks = new ArrayDeque<>();
        private int unaccepted;
        private int buffered;
        private boolean finishing;

        Stream(ProtocolId protocol, PeerId peer, Executor executor) {
            super(protocol, peer, executor);
        }

        @Override
        public CompletionStage<Void> write(ByteBuffer bytes) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            other.later(() -> other.take(new Write(bytes, done)));
            return done;
        }

        private void take(Write w) {
            if (closed.isDone()) {
                w.done.completeExceptionally(
                        new KarstException(KarstException.Code.CLOSED, "test"));
                return;
            }
            writes.add(w);
            unaccepted += w.bytes.remaining();
            mostUnaccepted = Math.max(mostUnaccepted, unaccepted);
            deliver();
        }

        @Override
        void deliver() {
            if (closed.isDone()) {
                writes.forEach(
                        w ->
                                w.done.completeExceptionally(
                                        new KarstException(KarstException.Code.CLOSED, "test")));
                writes.clear();
                return;
            }
            boolean moved = true;
            while (moved) {
                moved = false;
                while (!writes.isEmpty() && buffered < WINDOW) {
                    Write w = writes.peek();
                    byte[] chunk = new byte[Math.min(CHUNK, w.bytes.remaining())];
                    w.bytes.get(chunk);
                    chunks.add(ByteBuffer.wrap(chunk).asReadOnlyBuffer());
                    buffered += chunk.length;
                    unaccepted -= chunk.length;
                    if (!w.bytes.hasRemaining()) {
                        writes.remove();
                        w.done.complete(null);
                    }
                    moved = true;
                }
                while (subscriber != null && demand.get() > 0 && !chunks.isEmpty()) {
                    demand.decrementAndGet();
                    ByteBuffer chunk = chunks.remove();
                    buffered -= chunk.remaining();
                    subscriber.onNext(chunk);
                    moved = true;
                }
            }
            if (subscriber != null && finishing && writes.isEmpty() && chunks.isEmpty() && !told) {
                told = true;
                subscriber.onComplete();
                other.later(other::endIfOver);
                endIfOver();
            }
        }

        private void endIfOver() {
            if (told && other.told) {
                closed.complete(null);
            }
        }

        @Override
        public CompletionStage<Void> finish() {
            other.later(
                    () -> {
                        other.finishing = true;
                        other.deliver();
                    });
            return closed;
        }

        @Override
        public ByteChannel blocking() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            later(
                    () -> {
                        if (!closed.isDone()) {
                            closed.complete(null);
                            fail(new KarstException(KarstException.Code.CLOSED, "test"));
                            deliver();
                            other.error(KarstException.Code.RESET);
                        }
                    });
        }
    }

    /** One end of a datagram pipe. */
    static final class Datagrams extends End implements DatagramPipe {
        static final int MAX = 1200;
        Datagrams other;

        Datagrams(ProtocolId protocol, PeerId peer, Executor executor) {
            super(protocol, peer, executor);
        }

        @Override
        public boolean send(ByteBuffer datagram) {
            if (closed.isDone() || datagram.remaining() > MAX) {
                return false;
            }
            ByteBuffer copy = ByteBuffer.allocate(datagram.remaining()).put(datagram).flip();
            other.later(() -> other.take(copy));
            return true;
        }

        private void take(ByteBuffer datagram) {
            if (!closed.isDone() && subscriber != null && demand.get() > 0) {
                demand.decrementAndGet();
                subscriber.onNext(datagram);
            }
        }

        @Override
        void deliver() {}

        @Override
        public int maxSize() {
            return MAX;
        }

        @Override
        public long dropped() {
            return 0;
        }

        @Override
        public void close() {
            later(
                    () -> {
                        if (!closed.isDone()) {
                            closed.complete(null);
                            other.error(KarstException.Code.RESET);
                        }
                    });
        }
    }
}
