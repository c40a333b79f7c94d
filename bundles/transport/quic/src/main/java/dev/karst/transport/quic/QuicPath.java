// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Frames over one QUIC connection, a stream for each lane. What is not of Path runs in the loop.
 */
final class QuicPath implements Path {
    /** More lanes than that share streams. */
    static final int LANES = 64;

    /** How long a close waits for the peer to have read everything. */
    private static final int LINGER_MS = 1_000;

    /** Codes of a closed connection (RFC 9000, section 19.19), and what they mean. */
    private static final int DONE = 0;

    private static final int BAD_STREAM = 1;
    private static final int NO_ROOM = 2;

    /** What the path is made of. */
    record Parts(
            QuicChannel quic,
            Loop loop,
            Endpoint local,
            Endpoint remote,
            byte[] binding,
            Scope scope,
            Scratch scratch,
            Runnable end) {}

    private final Parts parts;
    private final Outbox outbox = new Outbox();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closing = new AtomicBoolean();

    // in the loop only
    private final Lane[] lanes = new Lane[LANES];
    private final List<QuicStreamChannel> streams = new ArrayList<>();
    private PathHandler handler;
    private boolean receiving = true;
    private boolean over;
    private boolean broken;
    private String why;
    private int finished; // streams that the peer ended
    private int expected = -1; // how many of them make the end of the path

    QuicPath(Parts parts) {
        this.parts = parts;
    }

    @Override
    public Endpoint local() {
        return parts.local();
    }

    @Override
    public Endpoint remote() {
        return parts.remote();
    }

    @Override
    public int maxFrame() {
        return FrameReader.MAX_FRAME;
    }

    @Override
    public boolean reliable() {
        return true;
    }

    @Override
    public byte[] binding() {
        return parts.binding().clone();
    }

    @Override
    public void start(PathHandler h) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("started already");
        }
        parts.loop()
                .execute(
                        () -> {
                            handler = h;
                            if (over) {
                                h.closed(why);
                            } else {
                                read();
                            }
                        });
    }

    @Override
    public boolean send(int lane, ByteBuffer frame) {
        int length = frame.remaining();
        if (length == 0 || length > FrameReader.MAX_FRAME) {
            throw new IllegalArgumentException(
                    "a frame is 1 to " + FrameReader.MAX_FRAME + " bytes, not " + length);
        }
        Outbox.Offer offer = outbox.offer(Math.floorMod(lane, LANES), frame);
        if (offer != Outbox.Offer.OVER && outbox.startPump()) {
            parts.loop().execute(this::pump);
        }
        if (offer == Outbox.Offer.TOO_MUCH) {
            parts.loop().execute(() -> give(NO_ROOM, "the peer does not take what is sent"));
        }
        return offer == Outbox.Offer.TAKEN;
    }

    @Override
    public void receiving(boolean on) {
        parts.loop()
                .execute(
                        () -> {
                            receiving = on;
                            read();
                        });
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            outbox.close();
            parts.loop().execute(this::closeInOrder);
        }
    }

    // --- out ---

    private Lane lane(int number) {
        if (lanes[number] == null) {
            lanes[number] = new Lane(number);
        }
        return lanes[number];
    }

    private Lane opened(int number) {
        Lane lane = lane(number);
        lane.open(parts.quic(), s -> adopt(s, number));
        return lane;
    }

    private void pump() {
        ArrayDeque<Outbox.Item> items = outbox.take();
        for (Outbox.Item i = items.poll(); i != null; i = items.poll()) {
            if (over) {
                i.bytes().release();
            } else {
                int size = i.bytes().readableBytes();
                opened(i.lane()).write(i.bytes(), () -> written(size));
            }
        }
    }

    private void written(int size) {
        if (outbox.written(size) && handler != null && !over) {
            handler.writable();
        }
    }

    /** All streams end, lane 0 says how many; when the peer has read that, it closes. */
    private void closeInOrder() {
        if (over) {
            return;
        }
        why = "closed here";
        Lane control = opened(0);
        int used = 0;
        for (Lane l : lanes) {
            used += l != null && (l.used() || l == control) ? 1 : 0;
        }
        ByteBuf end = parts.quic().alloc().directBuffer(FrameReader.HEADER + 1);
        control.write(end.writeInt(0).writeByte(used), () -> {});
        for (Lane l : lanes) {
            if (l != null && l.used()) {
                l.finish();
            }
        }
        parts.loop().schedule(() -> give(DONE, why), LINGER_MS, TimeUnit.MILLISECONDS);
    }

    /** Closes the connection, once what runs now in the codec is done. */
    void give(int code, String reason) {
        if (!over) {
            why = reason;
            parts.loop().execute(() -> parts.quic().close(true, code, Unpooled.EMPTY_BUFFER));
        }
    }

    // --- told by the connection ---

    /** The handshake is done. The client's first stream is that of control. */
    void established(boolean client) {
        if (client) {
            opened(0);
        }
    }

    /** The peer opened a stream. */
    void incoming(QuicStreamChannel s) {
        s.config().setAutoRead(reads());
        s.pipeline().addLast(new StreamHandler(this, -1, parts.scratch()));
        streams.add(s);
        parts.loop().register(s);
    }

    private void adopt(QuicStreamChannel s, int lane) {
        s.config().setAutoRead(reads());
        s.pipeline().addLast(new StreamHandler(this, lane, parts.scratch()));
        streams.add(s);
    }

    private boolean reads() {
        return handler != null && receiving;
    }

    private void read() {
        for (QuicStreamChannel s : List.copyOf(streams)) {
            s.config().setOption(ChannelOption.AUTO_READ, reads());
        }
    }

    void peerClosed(QuicConnectionCloseEvent e) {
        if (why == null) {
            why =
                    e.isApplicationClose() && e.error() == DONE
                            ? "the peer closed the path"
                            : "the peer gave the path up with code " + e.error();
        }
        // what came with it is read first
        parts.loop().execute(() -> parts.quic().close());
    }

    /** The connection is gone. */
    void gone() {
        if (over) {
            return;
        }
        over = true;
        if (why == null) {
            why = parts.quic().isTimedOut() ? "nothing came for too long" : "the connection ended";
        }
        closing.set(true);
        outbox.close();
        outbox.drop();
        for (Lane l : lanes) {
            if (l != null) {
                l.drop();
            }
        }
        parts.end().run();
        if (handler != null) {
            handler.closed(why);
        }
    }

    // --- told by the streams ---

    /** Whether what comes is of no interest any more. */
    boolean isOver() {
        return over || broken;
    }

    void offered(int number, QuicStreamChannel stream) {
        lane(number).offered(stream);
    }

    void frame(ByteBuffer frame) {
        if (!isOver()) {
            handler.frame(frame);
        }
    }

    void peerEnds(int streamsOfPeer) {
        expected = streamsOfPeer;
        endIfRead();
    }

    void streamFinished(boolean whole) {
        if (!whole) {
            broken("a stream ended in the middle of a frame");
            return;
        }
        finished++;
        endIfRead();
    }

    private void endIfRead() {
        if (expected >= 0 && finished >= expected) {
            give(DONE, why == null ? "the peer closed the path" : why);
        }
    }

    void broken(String what) {
        if (!isOver()) {
            broken = true;
            parts.scope().count("quic.bad-stream");
            give(BAD_STREAM, what);
        }
    }
}
