// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.DatagramPipe;
import dev.karst.KarstException;
import dev.karst.PipeInfo;
import dev.karst.ProtocolId;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Datagrams: nothing is kept for replay; what does not go at once is dropped and counted. A window
 * of them may wait for the reader: during a change of paths two threads deliver, and one of them
 * may be held up.
 */
final class DatagramPipeImpl extends PipeBase implements DatagramPipe {
    /** What a waiting datagram costs beside its bytes. */
    private static final int OVERHEAD = 128;

    private final AtomicInteger waiting = new AtomicInteger(); // bytes
    private final Inbox inbox =
            new Inbox(false, n -> waiting.addAndGet(-n - OVERHEAD), this::close);
    private long sent;
    private long received;
    private volatile long dropped;

    DatagramPipeImpl(Session session, long id, ProtocolId protocol, boolean ours, int window) {
        super(session, id, protocol, ours, window);
    }

    @Override
    public boolean send(ByteBuffer datagram) {
        session.enter();
        try {
            boolean ok =
                    !over
                            && confirmed
                            && datagram.remaining() <= maxSize()
                            && session.sendDatagram(id, datagram.duplicate());
            if (ok) {
                sent++;
            } else {
                dropped++;
            }
            return ok;
        } finally {
            session.exit();
        }
    }

    @Override
    public int maxSize() {
        return session.maxDatagram();
    }

    @Override
    public long dropped() {
        return dropped;
    }

    @Override
    public Flow.Publisher<ByteBuffer> incoming() {
        return inbox;
    }

    void datagram(ByteBuffer bytes) {
        int size = bytes.remaining() + OVERHEAD;
        if (waiting.get() + size > window) {
            dropped++;
            session.count("pipe.datagrams-dropped");
            return;
        }
        waiting.addAndGet(size);
        received++;
        inbox.offer(bytes);
        session.delivered(this);
    }

    @Override
    boolean sendable() {
        return false;
    }

    @Override
    void fill(ByteBuffer record, int room) {}

    @Override
    void rewind() {}

    @Override
    void acknowledged(long got, long limit) {
        confirm();
    }

    void confirm() {
        if (!confirmed) {
            confirmed = true;
            session.later(() -> opened.complete(this));
        }
    }

    @Override
    long received() {
        return 0;
    }

    @Override
    long limit() {
        return 0;
    }

    @Override
    void end(KarstException why) {
        over = true;
        if (why != null) {
            inbox.fail(why);
        } else {
            inbox.end();
        }
        session.delivered(this);
        session.later(
                () -> {
                    if (why == null || closedHere) {
                        closed.complete(null);
                    } else {
                        opened.completeExceptionally(why);
                        closed.completeExceptionally(why);
                    }
                });
    }

    @Override
    Inbox inbox() {
        return inbox;
    }

    @Override
    PipeInfo info() {
        return new PipeInfo(id, protocol, false, state(), sent, sent, received);
    }
}
