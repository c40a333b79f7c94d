// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** What the server sends; see the package. Uses java.base alone: the client runs without OSGi. */
final class Frames {
    static final int MAX_LINE = 64 << 10;
    static final int MAX_FRAME = 64 << 10;

    private Frames() {}

    /** Told what came; every frame but the last. */
    interface Sink {
        void bytes(boolean error, byte[] bytes) throws IOException;
    }

    /**
     * Reads until the last frame.
     *
     * @return the status
     * @throws IOException if the stream ends early or is not what it should be
     */
    static int read(DataInputStream in, Sink sink) throws IOException {
        while (true) {
            int type = in.readUnsignedByte();
            if (type == 'X') {
                return in.readUnsignedByte();
            }
            if (type != 'O' && type != 'E') {
                throw new IOException("this is no Karst exec socket");
            }
            int length = in.readInt();
            if (length < 0 || length > MAX_FRAME) {
                throw new IOException("malformed frame");
            }
            byte[] bytes = new byte[length];
            in.readFully(bytes);
            sink.bytes(type == 'E', bytes);
        }
    }

    /** Writes whole frames; shared by both streams of one connection. */
    static final class Writer {
        private final WritableByteChannel channel;

        Writer(WritableByteChannel channel) {
            this.channel = channel;
        }

        OutputStream stream(boolean error) {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    for (int done = 0; done < length; done += MAX_FRAME) {
                        int n = Math.min(MAX_FRAME, length - done);
                        send(
                                ByteBuffer.allocate(5 + n)
                                        .put((byte) (error ? 'E' : 'O'))
                                        .putInt(n)
                                        .put(bytes, offset + done, n)
                                        .flip());
                    }
                }
            };
        }

        void exit(int status) throws IOException {
            send(ByteBuffer.allocate(2).put((byte) 'X').put((byte) status).flip());
        }

        private synchronized void send(ByteBuffer frame) throws IOException {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }
    }
}
