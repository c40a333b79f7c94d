// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** A {@link TcpSocket} with one reading and one writing thread. */
final class TestTcp implements TcpSocket {
    private static final int HIGH = 256 << 10;
    private static final int LOW = 64 << 10;
    private static final ByteBuffer FIN = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final Object telling = new Object();
    private final Deque<ByteBuffer> queue = new ArrayDeque<>();
    private TcpHandler handler;
    private int queued;
    private int mostQueued;
    private boolean full;
    private boolean reading = true;
    private boolean inEnded;
    private boolean outEnded;
    private boolean over;

    TestTcp(SocketChannel channel) {
        this.channel = channel;
        try {
            local = (InetSocketAddress) channel.getLocalAddress();
            remote = (InetSocketAddress) channel.getRemoteAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized int mostQueued() {
        return mostQueued;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void start(TcpHandler h) {
        handler = h;
        thread("read", this::read);
        thread("write", this::write);
    }

    private void thread(String name, Runnable body) {
        Thread t = new Thread(null, body, "test-tcp-" + name, 64 << 10);
        t.setDaemon(true);
        t.start();
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        try {
            while (true) {
                synchronized (this) {
                    while (!reading && !over) {
                        wait();
                    }
                    if (over) {
                        return;
                    }
                }
                int n = channel.read(buffer.clear());
                if (n < 0) {
                    tell(handler::finished);
                    ended(true);
                    return;
                }
                tell(() -> handler.bytes(buffer.flip()));
            }
        } catch (IOException | InterruptedException e) {
            over(Optional.of(e));
        }
    }

    private void write() {
        try {
            while (true) {
                ByteBuffer next;
                synchronized (this) {
                    while (queue.isEmpty() && !over) {
                        wait();
                    }
                    if (over) {
                        return;
                    }
                    next = queue.remove();
                }
                if (next == FIN) {
                    channel.shutdownOutput();
                    ended(false);
                    return;
                }
                int size = next.remaining();
                while (next.hasRemaining()) {
                    channel.write(next);
                }
                boolean room = false;
                synchronized (this) {
                    queued -= size;
                    if (full && queued < LOW) {
                        full = false;
                        room = true;
                    }
                }
                if (room) {
                    tell(handler::writable);
                }
            }
        } catch (IOException | InterruptedException e) {
            over(Optional.of(e));
        }
    }

    private void tell(Runnable call) {
        synchronized (telling) {
            call.run();
        }
    }

    private void ended(boolean in) {
        boolean both;
        synchronized (this) {
            inEnded |= in;
            outEnded |= !in;
            both = inEnded && outEnded;
        }
        if (both) {
            over(Optional.empty());
        }
    }

    private void over(Optional<Throwable> why) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            notifyAll();
        }
        try {
            channel.close();
        } catch (IOException e) {
            // nothing is lost that was not lost before
        }
        if (handler != null) {
            tell(() -> handler.closed(why));
        }
    }

    @Override
    public synchronized boolean write(ByteBuffer... parts) {
        for (ByteBuffer p : parts) {
            ByteBuffer copy = ByteBuffer.allocate(p.remaining()).put(p).flip();
            queued += copy.remaining();
            queue.add(copy);
        }
        mostQueued = Math.max(mostQueued, queued);
        notifyAll();
        full |= queued > HIGH;
        return !full;
    }

    @Override
    public synchronized void reading(boolean on) {
        reading = on;
        notifyAll();
    }

    @Override
    public synchronized void finish() {
        queue.add(FIN);
        notifyAll();
    }

    @Override
    public void close() {
        over(Optional.of(new IOException("closed here")));
    }

    @Override
    public void abort() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // closed already
        }
        over(Optional.of(new IOException("aborted here")));
    }
}
