// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts the byte stream of one path into frames. Pure: no I/O. One thread at a time.
 *
 * <p>A frame is put together in a shared buffer that is borrowed while bytes come. Between calls at
 * most {@value #SMALL} bytes are kept for a frame that has hardly begun, so that a peer pins memory
 * only by sending as much.
 */
final class FrameDecoder {
    /** Longest frame: a record of 64 KiB and its overhead. */
    static final int MAX_FRAME = 65_536 + 256;

    /** Bytes before each frame. */
    static final int HEADER = 4;

    private static final int SMALL = 2_048;
    private static final byte[] NONE = {};

    private final Scratch scratch;
    private byte[] kept = NONE; // the begun frame between calls, big or small
    private int have;
    private int length; // of the frame, once its header is complete
    private int header; // bytes of the header that are here
    private boolean broken;

    FrameDecoder(Scratch scratch) {
        this.scratch = scratch;
    }

    /** The stream breaks the format; the path cannot go on. */
    static final class BadFrame extends Exception {
        private static final long serialVersionUID = 1;

        BadFrame(int length) {
            super(
                    length == 0
                            ? "the peer sent an empty frame"
                            : "the peer sent a frame of "
                                    + Integer.toUnsignedString(length)
                                    + " bytes; at most "
                                    + MAX_FRAME
                                    + " are allowed");
        }
    }

    /** Whether the stream stands between two frames. */
    boolean atBoundary() {
        return header == 0;
    }

    /**
     * Takes all of {@code in} and hands out the frames that are whole, each valid during the call.
     *
     * @throws BadFrame at a length of zero or above {@link #MAX_FRAME}; from then on always
     */
    void feed(ByteBuffer in, Consumer<ByteBuffer> out) throws BadFrame {
        byte[] frame = kept;
        if (frame.length != MAX_FRAME) {
            frame = scratch.take();
            System.arraycopy(kept, 0, frame, 0, have);
        }
        kept = NONE;
        try {
            while (in.hasRemaining()) {
                if (header < HEADER) {
                    readHeader(in);
                    continue;
                }
                int n = Math.min(in.remaining(), length - have);
                in.get(frame, have, n);
                have += n;
                if (have == length) {
                    header = 0;
                    have = 0;
                    out.accept(ByteBuffer.wrap(frame, 0, length));
                }
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

    private void readHeader(ByteBuffer in) throws BadFrame {
        if (!broken && header == 0 && in.remaining() >= HEADER) {
            length = in.getInt();
            header = HEADER;
        } else if (!broken) {
            length = length << 8 | in.get() & 0xff;
            header++;
        }
        if (header == HEADER && (length <= 0 || length > MAX_FRAME)) {
            broken = true;
            header = 0;
            throw new BadFrame(length);
        } else if (broken) {
            throw new BadFrame(length);
        }
    }
}
