// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import dev.karst.core.world.Log;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.Flow;
import java.util.function.IntConsumer;

/**
 * What came in and the application has not taken: one subscriber, one signal at a time, or a thread
 * that waits. Small pieces that wait are put together, so that a peer that sends byte by byte
 * cannot make us hold a million buffers. Its own monitor; never held while the application is
 * called.
 */
final class Inbox implements Flow.Publisher<ByteBuffer> {
    private static final int SMALL = 2 * 1024;
    private static final int CHUNK = 16 * 1024;
    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    private final IntConsumer consumed;
    private final boolean join;
    private final Runnable failed;
    private Flow.Subscriber<? super ByteBuffer> subscriber;
    private ByteBuffer tail; // the last chunk, if there is room behind its limit
    private long demand;
    private boolean ended;
    private boolean done;
    private boolean draining;
    private boolean taken;
    private KarstException error;

    /**
     * An inbox.
     *
     * @param join whether pieces may be put together: streams yes, datagrams no
     * @param consumed told the size of each piece the application took, with no lock held
     * @param failed told, with no lock held, that the subscriber threw and gets nothing more
     */
    Inbox(boolean join, IntConsumer consumed, Runnable failed) {
        this.failed = failed;
        this.join = join;
        this.consumed = consumed;
    }

    /** Adds a piece; {@link #drain} must follow, outside of all locks. */
    synchronized void offer(ByteBuffer piece) {
        if (done) {
            return;
        }
        if (join && piece.remaining() < SMALL && (demand == 0 || !queue.isEmpty())) {
            if (tail == null || tail.capacity() - tail.limit() < piece.remaining()) {
                tail = ByteBuffer.allocate(CHUNK).limit(0);
                queue.add(tail);
            }
            int at = tail.limit();
            tail.limit(at + piece.remaining());
            tail.put(at, piece, piece.position(), piece.remaining());
        } else {
            tail = null;
            queue.add(piece);
        }
        notifyAll();
    }

    /** The peer ended its direction. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Over, now: what waits is dropped unless the stream had ended in order. */
    synchronized void fail(KarstException e) {
        if (!ended && error == null) {
            error = e;
            queue.clear();
            tail = null;
        }
        notifyAll();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> s) {
        synchronized (this) {
            if (taken) {
                s.onSubscribe(new Ticket());
                s.onError(new IllegalStateException("one reader only: incoming() or blocking()"));
                return;
            }
            taken = true;
        }
        s.onSubscribe(new Ticket());
        synchronized (this) {
            subscriber = s;
        }
        drain();
    }

    private final class Ticket implements Flow.Subscription {
        @Override
        public void request(long n) {
            synchronized (Inbox.this) {
                if (n <= 0) {
                    error = new KarstException(KarstException.Code.CLOSED, "request of " + n);
                    queue.clear();
                } else {
                    demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
                }
            }
            drain();
        }

        @Override
        public void cancel() {
            synchronized (Inbox.this) {
                subscriber = null;
                done = true;
                queue.clear();
                tail = null;
            }
        }
    }

    /** Gives the subscriber what it may have. Any thread, no lock held. */
    void drain() {
        synchronized (this) {
            if (draining || subscriber == null) {
                return;
            }
            draining = true;
        }
        while (true) {
            ByteBuffer next = null;
            Flow.Subscriber<? super ByteBuffer> to;
            KarstException failure = null;
            synchronized (this) {
                to = subscriber;
                if (to == null || done) {
                    draining = false;
                    return;
                }
                if (error != null) {
                    failure = error;
                    done = true;
                } else if (!queue.isEmpty()) {
                    if (demand == 0) {
                        draining = false;
                        return;
                    }
                    demand--;
                    next = take();
                } else if (ended) {
                    done = true;
                } else {
                    draining = false;
                    return;
                }
            }
            try {
                if (failure != null) {
                    to.onError(failure);
                } else if (next == null) {
                    to.onComplete();
                } else {
                    int n = next.remaining();
                    to.onNext(next.asReadOnlyBuffer());
                    consumed.accept(n);
                }
            } catch (Throwable e) { // the application's error ends its pipe, not our thread
                synchronized (this) {
                    done = true;
                    draining = false;
                    queue.clear();
                    tail = null;
                }
                Log.of(Inbox.class).log(System.Logger.Level.WARNING, "a subscriber failed", e);
                failed.run();
                return;
            }
        }
    }

    private ByteBuffer take() {
        ByteBuffer b = queue.poll();
        if (b == tail) {
            tail = null;
        }
        return b;
    }

    /** Marks it as read by a thread; from now on only {@link #read} takes. */
    synchronized void claim() {
        if (taken) {
            throw new IllegalStateException("one reader only: incoming() or blocking()");
        }
        taken = true;
    }

    /** Waits for bytes. Returns -1 at the end of the stream. */
    int read(ByteBuffer into) throws InterruptedException {
        int n;
        synchronized (this) {
            while (queue.isEmpty() && !ended && error == null) {
                wait();
            }
            if (error != null) {
                throw error;
            }
            if (queue.isEmpty()) {
                return -1;
            }
            n = 0;
            while (into.hasRemaining() && !queue.isEmpty()) {
                ByteBuffer head = queue.peek();
                int run = Math.min(head.remaining(), into.remaining());
                into.put(into.position(), head, head.position(), run);
                into.position(into.position() + run);
                head.position(head.position() + run);
                n += run;
                if (!head.hasRemaining()) {
                    take();
                }
            }
        }
        consumed.accept(n);
        return n;
    }

    /** Whether the peer's end was reached and everything read. */
    synchronized boolean exhausted() {
        return ended && queue.isEmpty();
    }
}
