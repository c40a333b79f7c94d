// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PipeInfo;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * A byte stream, numbered by 64-bit offsets each way. The end of a direction counts as one more
 * byte, so that it is acknowledged and replayed like the rest.
 */
final class StreamPipeImpl extends PipeBase implements StreamPipe {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);
    private static final int MAX_WRITE = 16 << 20;

    /** A full record. */
    private static final int HOLD = 3 * FrameWriter.MAX_DATA;

    private record Write(ByteBuffer bytes, CompletableFuture<Void> done) {}

    private final SendBuffer out;
    private final Inbox inbox;
    private final Ahead ahead = new Ahead();
    private final ArrayDeque<Write> waiting = new ArrayDeque<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private BlockingPipe blocking;
    private long next; // first offset not yet sent on the path in use
    private long drainTo; // what is before it is on its way on the path that was in use before
    private boolean waitsForDrain; // the peer would drop what comes before that
    private boolean finDrains;
    private long peerLimit;
    private long peerWindow; // what the peer first let us send: it acknowledges every eighth of it
    private boolean finishing;
    private boolean finSent;
    private boolean finAcked;
    private long received;
    private long consumed;
    private long advertised;
    private long acked;
    private boolean finReceived;
    private boolean ackQueued;
    boolean ackLate; // in the session's list of ACKs that wait for company
    private KarstException error;

    StreamPipeImpl(
            Session session,
            long id,
            ProtocolId protocol,
            boolean ours,
            int window,
            long peerLimit,
            ReplayBudget budget) {
        super(session, id, protocol, ours, window);
        this.out = new SendBuffer(window, budget);
        this.peerLimit = peerLimit;
        this.peerWindow = peerLimit;
        this.advertised = window;
        this.inbox = new Inbox(true, this::taken, this::close);
    }

    @Override
    public CompletionStage<Void> write(ByteBuffer bytes) {
        if (bytes.remaining() > MAX_WRITE) {
            throw new IllegalArgumentException("at most 16 MiB per write");
        }
        session.enter();
        try {
            if (over || finishing) {
                return CompletableFuture.failedStage(
                        error != null
                                ? error
                                : new KarstException(Code.CLOSED, "the pipe was finished"));
            }
            if (waiting.isEmpty()) {
                out.append(bytes);
                if (!held()) {
                    session.ready(this);
                }
                if (!bytes.hasRemaining()) {
                    return DONE;
                }
            }
            Write w = new Write(bytes, new CompletableFuture<>());
            waiting.add(w);
            return w.done.minimalCompletionStage();
        } finally {
            session.exit();
        }
    }

    /**
     * Whether what was written may wait for company: so much is on its way that the peer is bound
     * to acknowledge at once, and that ACK sends the rest.
     */
    private boolean held() {
        return out.end() - next < HOLD && next - out.base() >= Math.max(peerWindow / 8, HOLD);
    }

    @Override
    public CompletionStage<Void> finish() {
        session.enter();
        try {
            if (!over) {
                finishing = true;
                session.ready(this);
            }
            return finished.minimalCompletionStage();
        } finally {
            session.exit();
        }
    }

    @Override
    public Flow.Publisher<ByteBuffer> incoming() {
        return inbox;
    }

    @Override
    public synchronized ByteChannel blocking() {
        if (blocking == null) {
            inbox.claim();
            blocking = new BlockingPipe(this, inbox);
        }
        return blocking;
    }

    @Override
    boolean sendable() {
        return confirmed
                && !over
                && (!waitsForDrain || out.base() >= drainTo)
                && (Math.min(out.end(), peerLimit) > next || finDue() && next == out.end());
    }

    private boolean finDue() {
        return finishing && waiting.isEmpty() && !finSent && out.base() >= drainTo;
    }

    @Override
    void fill(ByteBuffer record, int room) {
        int at = record.position();
        long upTo = Math.min(out.end(), peerLimit);
        int n = (int) Math.min(upTo - next, room - FrameWriter.DATA_HEADER);
        if (n > 0) {
            record.put(FrameWriter.DATA).putLong(id).putLong(next).putShort((short) n);
            out.copy(next, n, record);
            next += n;
        }
        if (finDue() && next == out.end() && room - (record.position() - at) >= 17) {
            record.put(FrameWriter.fin(id, next));
            finSent = true;
        }
    }

    @Override
    void rewind() {
        next = out.base();
        finSent = finAcked;
        drainTo = 0;
        finDrains = false;
    }

    /** To send it all again would only hold up what follows: most of it is there in a moment. */
    @Override
    void drain() {
        drainTo = next;
        waitsForDrain = !session.links.peerKeepsAhead();
        finDrains = finSent && !finAcked;
    }

    @Override
    boolean draining() {
        return out.base() < drainTo || finDrains && !finAcked;
    }

    @Override
    void acknowledged(long got, long limit) {
        confirm();
        boolean all = finishing && waiting.isEmpty() && got > out.end();
        out.acknowledge(got);
        next = Math.max(next, out.base());
        if (peerWindow == 0) {
            peerWindow = limit;
        }
        peerLimit = Math.max(peerLimit, limit);
        refill();
        if (all && !finAcked) {
            finAcked = true;
            session.later(() -> finished.complete(null));
            out.release();
            maybeDone();
        } else if (out.large()) {
            out.trim();
        }
    }

    /** Moves what waited for room into the replay buffer. */
    private void refill() {
        while (!waiting.isEmpty()) {
            Write w = waiting.peek();
            out.append(w.bytes);
            if (w.bytes.hasRemaining()) {
                break;
            }
            waiting.poll();
            session.later(() -> w.done.complete(null));
        }
    }

    void confirm() {
        if (!confirmed) {
            confirmed = true;
            session.later(() -> opened.complete(this));
        }
    }

    /** Data came in. */
    void data(long offset, ByteBuffer bytes) {
        long end = offset + bytes.remaining();
        if (finReceived || end <= received) {
            session.count("pipe.repeated");
            return;
        }
        if (end > advertised) {
            session.protocolError(this, "more than the credit allows");
            return;
        }
        if (offset > received) {
            if (!ahead.keep(offset, bytes)) {
                session.count("pipe.gap"); // it will be sent again
            }
            return;
        }
        if (offset < received) {
            bytes.position(bytes.position() + (int) (received - offset));
        }
        received = end;
        inbox.offer(bytes);
        for (ByteBuffer b = ahead.next(received); b != null; b = ahead.next(received)) {
            received += b.remaining();
            inbox.offer(b);
        }
        session.delivered(this);
        if (received - acked >= window / 8) {
            queueAck();
        } else {
            session.acks.soon(this);
        }
    }

    void fin(long offset) {
        if (offset == received && !finReceived) {
            finReceived = true;
            received++;
            inbox.end();
            session.delivered(this);
            queueAck();
            maybeDone();
        } else if (finReceived) {
            queueAck();
        }
    }

    private void maybeDone() {
        if (finAcked && finReceived && !over) {
            session.done(this);
        }
    }

    void queueAck() {
        if (!ackQueued) {
            ackQueued = true;
            session.acks.add(this);
        }
    }

    /** The ACK frame that is due, or null. */
    byte[] takeAck() {
        ackQueued = false;
        acked = received;
        advertised = limit();
        return FrameWriter.ack(id, acked, advertised);
    }

    boolean ackDue() {
        return acked != received;
    }

    boolean waiting() {
        return next > out.base() || finSent && !finAcked;
    }

    /** Gives memory back while nothing waits. */
    void trim() {
        out.trim();
    }

    @Override
    long received() {
        return received;
    }

    @Override
    long limit() {
        return Math.max(advertised, consumed + window);
    }

    /** ATTACH told the peer our offsets. */
    void attachSent() {
        acked = received;
        advertised = limit();
    }

    /** The application took bytes: widens the credit when enough came together. */
    private void taken(int n) {
        session.enter();
        try {
            consumed += n;
            if (!over && !finReceived && limit() - advertised >= window / 4) {
                queueAck();
            }
        } finally {
            session.exit();
        }
    }

    @Override
    void end(KarstException why) {
        over = true;
        error = why != null ? why : new KarstException(Code.CLOSED, "the pipe is over");
        out.release();
        ahead.clear();
        ArrayDeque<Write> failed = new ArrayDeque<>(waiting);
        waiting.clear();
        if (why != null) {
            inbox.fail(why);
            session.delivered(this);
        }
        session.later(
                () -> {
                    KarstException e = error;
                    failed.forEach(w -> w.done.completeExceptionally(e));
                    opened.completeExceptionally(e);
                    if (why == null) {
                        closed.complete(null);
                    } else if (closedHere) {
                        finished.completeExceptionally(e);
                        closed.complete(null);
                    } else {
                        finished.completeExceptionally(e);
                        closed.completeExceptionally(e);
                    }
                });
    }

    @Override
    Inbox inbox() {
        return inbox;
    }

    @Override
    PipeInfo info() {
        return new PipeInfo(id, protocol, true, state(), out.end(), out.base(), received);
    }
}
