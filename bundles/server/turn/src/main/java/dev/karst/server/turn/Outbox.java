// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/** What a connection could not take yet. */
final class Outbox {
    /** Beyond, data is dropped, as a full router would, and other senders are held. */
    static final int SOFT = 1 << 18;

    /** Beyond, the connection does not read and is closed. */
    static final int HARD = 1 << 20;

    private final SocketChannel channel;
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
    private int bytes;

    Outbox(SocketChannel channel) {
        this.channel = channel;
    }

    /** Writes, or keeps a copy. */
    void write(ByteBuffer out) throws IOException {
        if (bytes == 0) {
            channel.write(out);
        }
        if (out.hasRemaining()) {
            if (bytes + out.remaining() > HARD) {
                throw new IOException("it does not read");
            }
            ByteBuffer copy = ByteBuffer.allocate(out.remaining()).put(out).flip();
            bytes += copy.remaining();
            waiting.add(copy);
        }
    }

    /** Writes what waits, as far as it goes. */
    void flush() throws IOException {
        while (!waiting.isEmpty()) {
            ByteBuffer first = waiting.peek();
            bytes -= channel.write(first);
            if (first.hasRemaining()) {
                return;
            }
            waiting.remove();
        }
    }

    boolean empty() {
        return bytes == 0;
    }

    boolean full() {
        return bytes > SOFT;
    }
}
