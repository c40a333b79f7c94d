// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Frames over one socket. All lanes are one: what is sent first arrives first. */
final class TcpPath implements Path, TcpHandler {
    private final TcpSocket socket;
    private final Scope scope;
    private final FrameDecoder decoder;
    private volatile PathHandler handler;
    private volatile String why;

    TcpPath(TcpSocket socket, Scope scope, Scratch scratch) {
        this.socket = socket;
        this.scope = scope;
        decoder = new FrameDecoder(scratch);
    }

    @Override
    public Endpoint local() {
        return Endpoint.of("tcp", socket.local());
    }

    @Override
    public Endpoint remote() {
        return Endpoint.of("tcp", socket.remote());
    }

    @Override
    public int maxFrame() {
        return FrameDecoder.MAX_FRAME;
    }

    @Override
    public boolean reliable() {
        return true;
    }

    @Override
    public void start(PathHandler h) {
        if (handler != null) {
            throw new IllegalStateException("started already");
        }
        handler = h;
        socket.start(this);
    }

    @Override
    public boolean send(int lane, ByteBuffer frame) {
        int length = frame.remaining();
        if (length == 0 || length > FrameDecoder.MAX_FRAME) {
            throw new IllegalArgumentException(
                    "a frame is 1 to " + FrameDecoder.MAX_FRAME + " bytes, not " + length);
        }
        ByteBuffer header = ByteBuffer.allocate(FrameDecoder.HEADER).putInt(0, length);
        return socket.write(header, frame);
    }

    @Override
    public void hold(boolean on) {
        socket.hold(on);
    }

    @Override
    public void receiving(boolean on) {
        socket.reading(on);
    }

    @Override
    public void close() {
        if (why == null) {
            why = "closed here";
        }
        socket.close();
    }

    // --- told by the socket ---

    @Override
    public void bytes(ByteBuffer bytes) {
        try {
            decoder.feed(bytes, handler::frame);
        } catch (FrameDecoder.BadFrame e) {
            scope.count("tcp.oversized");
            why = e.getMessage();
            socket.abort();
        }
    }

    @Override
    public void writable() {
        handler.writable();
    }

    @Override
    public void finished() {
        if (why == null) {
            why =
                    decoder.atBoundary()
                            ? "the peer closed the connection"
                            : "the connection ended in the middle of a frame";
        }
        socket.close(); // no half-open paths
    }

    @Override
    public void closed(Optional<Throwable> reason) {
        String text = why;
        if (text == null) {
            text = reason.map(Reasons::of).orElse("closed");
        }
        handler.closed(text);
    }
}
