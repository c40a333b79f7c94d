// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * What this end sends on one lane. Its stream is the first that either side opened for the lane and
 * this end knew of when it began to send; it never changes, so the order holds. In the loop.
 */
final class Lane {
    private record Early(Object bytes, Runnable written) {}

    private final int number;
    private final ArrayDeque<Early> early = new ArrayDeque<>();
    private QuicStreamChannel stream;
    private boolean opening;
    private boolean used;

    Lane(int number) {
        this.number = number;
    }

    /** The peer opened a stream for this lane. */
    void offered(QuicStreamChannel s) {
        if (stream == null && !opening) {
            stream = s;
        }
    }

    /** Whether this end sent anything, so that the peer must see the end of it. */
    boolean used() {
        return used;
    }

    /**
     * Opens a stream unless there is one.
     *
     * @param adopt makes a new stream of this end part of the path
     */
    void open(QuicChannel quic, Consumer<QuicStreamChannel> adopt) {
        if (stream != null || opening) {
            return;
        }
        opening = true;
        used = true;
        quic.createStream(QuicStreamType.BIDIRECTIONAL, null).addListener(f -> opened(f, adopt));
    }

    private void opened(Future<?> f, Consumer<QuicStreamChannel> adopt) {
        if (!f.isSuccess()) {
            drop();
            return;
        }
        stream = (QuicStreamChannel) f.getNow();
        adopt.accept(stream);
        stream.write(stream.alloc().directBuffer(1).writeByte(number));
        for (Early e = early.poll(); e != null; e = early.poll()) {
            put(e.bytes(), e.written());
        }
    }

    /** Sends after what was sent before; {@code written} runs when QUIC took it, or never will. */
    void write(ByteBuf bytes, Runnable written) {
        put(bytes, written);
    }

    private void put(Object bytes, Runnable written) {
        used = true;
        if (stream == null) {
            early.add(new Early(bytes, written));
        } else {
            stream.write(bytes).addListener(x -> written.run());
        }
    }

    /** Ends this direction after what was sent. */
    void finish() {
        put(new DefaultQuicStreamFrame(Unpooled.EMPTY_BUFFER, true), () -> {});
    }

    /** It is over: releases what waits for a stream that never came. */
    void drop() {
        for (Early e = early.poll(); e != null; e = early.poll()) {
            ReferenceCountUtil.release(e.bytes());
            e.written().run();
        }
    }
}
