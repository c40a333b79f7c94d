// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.testing;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A blocking socket behind the core's interface: one thread reads, one writes. */
final class TestSocket implements TcpSocket {
    private static final byte[] END = {};

    private final Socket socket;
    private final Consumer<TestSocket> onClosed;
    private final BlockingQueue<byte[]> out = new LinkedBlockingQueue<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    TestSocket(Socket socket, Consumer<TestSocket> onClosed) {
        this.socket = socket;
        this.onClosed = onClosed;
        TestNetwork.daemon("test-writer", this::write);
    }

    @Override
    public InetSocketAddress local() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public InetSocketAddress remote() {
        return (InetSocketAddress) socket.getRemoteSocketAddress();
    }

    @Override
    public void start(TcpHandler handler) {
        TestNetwork.daemon("test-reader", () -> read(handler));
    }

    private void read(TcpHandler handler) {
        Optional<Throwable> why = Optional.empty();
        byte[] buffer = new byte[8192];
        try {
            for (int n; (n = socket.getInputStream().read(buffer)) >= 0; ) {
                handler.bytes(ByteBuffer.wrap(buffer, 0, n));
                java.util.Arrays.fill(buffer, (byte) 0x55); // valid only during the call
            }
            handler.finished();
        } catch (IOException | RuntimeException e) {
            why = Optional.of(e);
        }
        shut();
        handler.closed(why);
    }

    private void write() {
        try {
            for (byte[] b; (b = out.take()) != END; ) {
                socket.getOutputStream().write(b);
            }
        } catch (IOException | InterruptedException e) {
            // the reader sees it too
        }
        shut();
    }

    private void shut() {
        if (closed.compareAndSet(false, true)) {
            out.add(END);
            try {
                socket.close();
            } catch (IOException e) {
                // it is gone either way
            }
            onClosed.accept(this);
        }
    }

    @Override
    public boolean write(ByteBuffer... parts) {
        for (ByteBuffer part : parts) {
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            out.add(copy);
        }
        return true;
    }

    @Override
    public void reading(boolean on) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void finish() {
        close();
    }

    @Override
    public void close() {
        out.add(END);
    }

    @Override
    public void abort() {
        shut();
    }
}
