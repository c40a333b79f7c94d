// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts what comes on one stream: the lane, frames, perhaps the end. Pure: no I/O. In the loop.
 *
 * <p>A frame is put together in a shared buffer that is borrowed while bytes come. Between calls at
 * most {@value #SMALL} bytes are kept for a frame that has hardly begun, so that a peer pins memory
 * only by sending as much.
 */
final class FrameReader {
    /** Longest frame: a record of 64 KiB and its overhead. */
    static final int MAX_FRAME = 65_536 + 256;

    /** Bytes before each frame. */
    static final int HEADER = 4;

    private static final int SMALL = 2_048;
    private static final byte[] NONE = {};

    private final Scratch scratch;
    private final Sink sink;
    private byte[] kept = NONE; // the begun frame between calls, big or small
    private int have;
    private int length; // of the frame, once its header is complete
    private int header; // bytes of the header that are here
    private int lane;
    private boolean ending; // a length of zero was read
    private boolean done;

    /** What comes out. */
    interface Sink {
        /** The peer opened the stream for this lane. First, once; not for a stream of this end. */
        void lane(int number) throws BadStream;

        /** A whole frame, valid during the call. */
        void frame(ByteBuffer frame);

        /** The peer ended the path: nothing more comes on this stream, nor on the others. */
        void end(int streams);
    }

    /** The stream breaks the format; the path cannot go on. */
    static final class BadStream extends Exception {
        private static final long serialVersionUID = 1;

        BadStream(String what) {
            super(what);
        }
    }

    /**
     * @param lane of the stream; -1 if its first byte says it
     */
    FrameReader(int lane, Scratch scratch, Sink sink) {
        this.lane = lane;
        this.scratch = scratch;
        this.sink = sink;
    }

    /** Whether the stream may end here. */
    boolean atBoundary() {
        return lane >= 0 && header == 0 && !ending;
    }

    /**
     * Takes all of {@code in}.
     *
     * @throws BadStream when the stream breaks the format; not to be called again after that
     */
    void feed(ByteBuf in) throws BadStream {
        if (lane < 0 && in.isReadable()) {
            int number = in.readUnsignedByte();
            sink.lane(number);
            lane = number;
        }
        byte[] frame = kept;
        if (frame.length != MAX_FRAME) {
            frame = scratch.take();
            System.arraycopy(kept, 0, frame, 0, have);
        }
        kept = NONE;
        try {
            while (in.isReadable()) {
                step(in, frame);
            }
        } finally {
            if (have > SMALL) {
                kept = frame;
            } else {
                kept = have == 0 ? NONE : Arrays.copyOf(frame, have);
                scratch.give(frame);
            }
        }
    }

    private void step(ByteBuf in, byte[] frame) throws BadStream {
        if (done) {
            throw new BadStream("the peer went on after its end");
        } else if (ending) {
            ending = false;
            done = true;
            sink.end(in.readUnsignedByte());
        } else if (header < HEADER) {
            length = length << 8 | in.readUnsignedByte();
            if (++header == HEADER) {
                begin();
            }
        } else {
            int n = Math.min(in.readableBytes(), length - have);
            in.readBytes(frame, have, n);
            have += n;
            if (have == length) {
                header = 0;
                have = 0;
                sink.frame(ByteBuffer.wrap(frame, 0, length));
            }
        }
    }

    private void begin() throws BadStream {
        if (length == 0 && lane == 0) {
            ending = true;
            header = 0;
        } else if (length == 0) {
            throw new BadStream("the peer sent an empty frame");
        } else if (length < 0 || length > MAX_FRAME) {
            throw new BadStream(
                    "the peer sent a frame of "
                            + Integer.toUnsignedString(length)
                            + " bytes; at most "
                            + MAX_FRAME
                            + " are allowed");
        }
    }

    /** Nothing more comes: gives back what is borrowed. */
    void close() {
        if (kept.length == MAX_FRAME) {
            scratch.give(kept);
        }
        kept = NONE;
        have = 0;
    }
}
