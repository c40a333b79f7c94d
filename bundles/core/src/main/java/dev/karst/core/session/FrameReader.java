// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes the plain text of a record apart. */
final class FrameReader {
    /** Told of each frame in order. */
    interface Sink {
        void open(long pipe, boolean stream, long window, String protocol);

        void opened(long pipe, long window);

        /** {@code data} is a slice of the record's own array, to keep. */
        void data(long pipe, long offset, ByteBuffer data);

        void ack(long pipe, long received, long limit);

        void fin(long pipe, long offset);

        void reset(long pipe, int code);

        void ping(long token);

        void pong(long token);

        void goaway(int code);

        void attach(Attach attach);

        void datagram(long pipe, ByteBuffer data);

        void info(String address);
    }

    /** One pipe in an ATTACH: how far it was received and how far the peer may send. */
    record Offset(long pipe, long received, long limit) {}

    /**
     * An ATTACH frame.
     *
     * @param flags those of {@link FrameWriter}; others are for later releases
     * @param mine incarnation of the sender's session
     * @param yours what the sender takes for ours; all zero when it knows none
     */
    record Attach(int flags, byte[] mine, byte[] yours, long generation, List<Offset> pipes) {
        boolean needed() {
            return (flags & FrameWriter.NEEDED) != 0;
        }

        boolean keepsAhead() {
            return (flags & FrameWriter.KEEPS_AHEAD) != 0;
        }
    }

    private FrameReader() {}

    /** Reads all frames. Those before a bad one were delivered. */
    static void read(ByteBuffer in, Sink sink) throws WireException {
        try {
            while (in.hasRemaining()) {
                frame(in, sink);
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new WireException("frame is cut off");
        }
    }

    private static void frame(ByteBuffer in, Sink sink) throws WireException {
        byte type = in.get();
        switch (type) {
            case FrameWriter.OPEN -> {
                long pipe = in.getLong();
                int kind = in.get();
                if (kind != 0 && kind != 1) {
                    throw new WireException("pipe kind");
                }
                long window = in.getInt() & 0xffffffffL;
                sink.open(pipe, kind == 0, window, text(in, in.get() & 0xff));
            }
            case FrameWriter.OPENED -> sink.opened(in.getLong(), in.getInt() & 0xffffffffL);
            case FrameWriter.DATA -> {
                long pipe = in.getLong();
                long offset = positive(in.getLong());
                int length = in.getShort() & 0xffff;
                if (length > FrameWriter.MAX_DATA) {
                    throw new WireException("DATA longer than 16 KiB");
                }
                sink.data(pipe, offset, slice(in, length));
            }
            case FrameWriter.ACK ->
                    sink.ack(in.getLong(), positive(in.getLong()), positive(in.getLong()));
            case FrameWriter.FIN -> sink.fin(in.getLong(), positive(in.getLong()));
            case FrameWriter.RESET -> sink.reset(in.getLong(), in.get() & 0xff);
            case FrameWriter.PING -> sink.ping(in.getLong());
            case FrameWriter.PONG -> sink.pong(in.getLong());
            case FrameWriter.GOAWAY -> sink.goaway(in.get() & 0xff);
            case FrameWriter.ATTACH -> sink.attach(attach(in));
            case FrameWriter.DATAGRAM -> {
                long pipe = in.getLong();
                sink.datagram(pipe, slice(in, in.getShort() & 0xffff));
            }
            case FrameWriter.INFO -> sink.info(text(in, in.getShort() & 0xffff));
            default -> throw new WireException("frame type " + type);
        }
    }

    private static Attach attach(ByteBuffer in) throws WireException {
        int flags = in.get();
        byte[] mine = new byte[16];
        byte[] yours = new byte[16];
        in.get(mine);
        in.get(yours);
        long generation = positive(in.getLong());
        int n = in.getShort() & 0xffff;
        if (n * FrameWriter.ATTACH_ENTRY > in.remaining()) {
            throw new WireException("ATTACH is cut off");
        }
        List<Offset> pipes = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            pipes.add(new Offset(in.getLong(), positive(in.getLong()), positive(in.getLong())));
        }
        return new Attach(flags, mine, yours, generation, pipes);
    }

    private static long positive(long v) throws WireException {
        if (v < 0) {
            throw new WireException("number out of range");
        }
        return v;
    }

    private static ByteBuffer slice(ByteBuffer in, int length) {
        ByteBuffer s = in.slice(in.position(), length(in, length));
        in.position(in.position() + length);
        return s;
    }

    private static String text(ByteBuffer in, int length) {
        byte[] bytes = new byte[length(in, length)];
        in.get(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static int length(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }
}
