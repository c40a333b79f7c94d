// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A TCP connection. A write goes straight to the channel, on whatever thread, while nothing waits;
 * the driver is asked only when the channel is full.
 */
final class CoreTcpSocket extends Driven implements TcpSocket, SocketOwner.Owned {
    static final int HIGH = 256 * 1024;

    /** So much is worth a call of the system of its own. */
    private static final int HELD = 128 * 1024;

    static final int LOW = 64 * 1024;
    static final int MOST = 32 * 1024 * 1024;
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final int READS = 8;

    /** What may still be sent. */
    private enum Out {
        OPEN,
        /** The end of the stream follows what waits. */
        FINISHING,
        FINISHED,
        DEAD
    }

    private final SocketOwner.Slot slot = new SocketOwner.Slot();
    private final SocketChannel tcp;
    private final CompletableFuture<CoreTcpSocket> connected = new CompletableFuture<>();
    private volatile InetSocketAddress local;
    private volatile InetSocketAddress remote;

    private final Object outLock = new Object();
    private final Outbound outbound; // these four guarded by outLock
    private Out out = Out.OPEN;
    private boolean blocked;
    private boolean held;
    private boolean full;

    private TcpHandler handler; // these guarded by this
    private boolean readingOn = true;
    private boolean inEnded;
    private boolean closing;
    private boolean dead;
    private boolean over;
    private volatile Optional<Throwable> why = Optional.empty();

    private CoreTcpSocket(CoreNetwork net, SocketChannel tcp) throws IOException {
        super(net, tcp);
        this.tcp = tcp;
        outbound = new Outbound(net.outChunks);
        tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
        tcp.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    static CoreTcpSocket accepted(CoreNetwork net, SocketChannel tcp) throws IOException {
        CoreTcpSocket s = new CoreTcpSocket(net, tcp);
        s.addresses();
        s.connected.complete(s);
        return s;
    }

    /** Begins to connect; the caller lets it {@link #join} and sees {@link #connected}. */
    /**
     * Begins to connect.
     *
     * @param from null = any port; else shared with other sockets, whose remote ends differ
     */
    static CoreTcpSocket connect(CoreNetwork net, InetSocketAddress from, InetSocketAddress to)
            throws IOException {
        SocketChannel tcp = SocketChannel.open();
        try {
            if (from != null) {
                tcp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                if (tcp.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                    tcp.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                }
                tcp.bind(from);
            }
            CoreTcpSocket s = new CoreTcpSocket(net, tcp);
            if (tcp.connect(to)) {
                s.submit(s::connectedNow);
            } else {
                s.want(SelectionKey.OP_CONNECT, true);
            }
            return s;
        } catch (IOException | RuntimeException e) {
            tcp.close();
            throw e;
        }
    }

    CompletableFuture<CoreTcpSocket> connected() {
        return connected;
    }

    private void addresses() throws IOException {
        local = (InetSocketAddress) tcp.getLocalAddress();
        remote = (InetSocketAddress) tcp.getRemoteAddress();
    }

    private void connectedNow() {
        try {
            addresses();
            connected.complete(this);
        } catch (IOException e) {
            end(e);
        }
    }

    /** Whether it stays on this machine. */
    boolean internal() {
        InetSocketAddress at = local;
        return at != null && at.getAddress().isLoopbackAddress();
    }

    /** Ends unless its own address is one of these. */
    void present(Set<InetAddress> all) {
        InetSocketAddress at = local;
        if (at != null && !all.contains(at.getAddress())) {
            end(
                    new IOException(
                            "this machine has no address "
                                    + at.getAddress().getHostAddress()
                                    + " any more"));
        }
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
    public SocketOwner.Slot slot() {
        return slot;
    }

    // --- the driver's calls, in turn ---

    @Override
    void ready(int ops) {
        try {
            if ((ops & SelectionKey.OP_CONNECT) != 0 && tcp.isConnectionPending()) {
                if (!tcp.finishConnect()) {
                    return;
                }
                want(SelectionKey.OP_CONNECT, false);
                connectedNow();
            }
            if ((ops & SelectionKey.OP_WRITE) != 0) {
                writeOn();
            }
            if ((ops & SelectionKey.OP_READ) != 0) {
                read();
            }
        } catch (IOException e) {
            end(e);
        } catch (Throwable e) { // a foreign handler
            net.count("net.handler-failed");
            end(new IOException("the handler failed: " + e, e));
        }
    }

    private void read() throws IOException {
        ByteBuffer buffer = net.inChunks.take();
        try {
            for (int i = 0; i < READS; i++) {
                TcpHandler h;
                boolean discard;
                synchronized (this) {
                    h = handler;
                    discard = closing;
                    if (dead || inEnded || !discard && (h == null || !readingOn)) {
                        return;
                    }
                }
                int n = tcp.read(buffer.clear());
                if (n < 0) {
                    inputEnded(discard ? null : h);
                    return;
                }
                if (n > 0 && !discard) {
                    h.bytes(buffer.flip());
                }
                if (n < buffer.capacity()) {
                    return; // that was all there is
                }
            }
        } finally {
            net.inChunks.give(buffer);
        }
    }

    private void inputEnded(TcpHandler h) {
        synchronized (this) {
            inEnded = true;
        }
        want(SelectionKey.OP_READ, false);
        if (h != null) {
            h.finished();
        }
        endIfBothDid();
    }

    private void writeOn() throws IOException {
        boolean room = false;
        synchronized (outLock) {
            if (out == Out.DEAD || out == Out.FINISHED) {
                return;
            }
            flush();
            if (full && outbound.size() < LOW) {
                full = false;
                room = out == Out.OPEN;
            }
        }
        TcpHandler h;
        synchronized (this) {
            h = dead || !room ? null : handler;
        }
        if (h != null) {
            h.writable();
        }
    }

    /** Under outLock. */
    private void flush() throws IOException {
        blocked = !outbound.flush(tcp);
        want(SelectionKey.OP_WRITE, blocked);
        if (!blocked && out == Out.FINISHING) {
            tcp.shutdownOutput();
            out = Out.FINISHED;
            submit(this::endIfBothDid);
        }
    }

    // --- the user's calls ---

    @Override
    public synchronized void start(TcpHandler h) {
        if (handler != null) {
            throw new IllegalStateException("started already");
        }
        handler = h;
        wantInput();
        if (over) {
            submit(() -> tellClosed(h));
        }
    }

    @Override
    public synchronized void reading(boolean on) {
        readingOn = on;
        wantInput();
    }

    /** Under this. */
    private void wantInput() {
        boolean on = !dead && !inEnded && (closing || handler != null && readingOn);
        want(SelectionKey.OP_READ, on);
    }

    @Override
    public boolean write(ByteBuffer... parts) {
        IOException failed;
        synchronized (outLock) {
            if (out != Out.OPEN) {
                return false;
            }
            for (ByteBuffer p : parts) {
                outbound.add(p);
            }
            failed = tryFlush();
            if (failed == null) {
                full |= outbound.size() > HIGH;
                if (outbound.size() <= MOST) {
                    return !full;
                }
                failed = new IOException("more than 32 MiB wait to be sent");
            }
        }
        end(failed);
        return false;
    }

    @Override
    public void hold(boolean on) {
        IOException failed = null;
        synchronized (outLock) {
            held = on;
            if (!on && out != Out.DEAD && out != Out.FINISHED) {
                failed = tryFlush();
            }
        }
        if (failed != null) {
            end(failed);
        }
    }

    /** Under outLock. */
    private IOException tryFlush() {
        if (blocked || held && outbound.size() < HELD) {
            return null;
        }
        try {
            flush();
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    @Override
    public void finish() {
        IOException failed;
        synchronized (outLock) {
            held = false;
            if (out != Out.OPEN) {
                return;
            }
            out = Out.FINISHING;
            failed = tryFlush();
        }
        if (failed != null) {
            end(failed);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closing || dead) {
                return;
            }
            closing = true;
            wantInput(); // and throw away: unread bytes would turn the close into a reset
        }
        if (!connected.isDone()) {
            end(new IOException("closed"));
            return;
        }
        finish();
        net.later(LINGER, this::lingered);
        submit(this::endIfBothDid);
    }

    private void lingered() {
        boolean cut;
        synchronized (outLock) {
            cut = out != Out.FINISHED; // then the peer must not take what it has for all
        }
        end(Optional.empty(), cut);
    }

    @Override
    public void abort() {
        end(Optional.of(new IOException("aborted")), true);
    }

    // --- the end ---

    private void endIfBothDid() {
        synchronized (outLock) {
            if (out != Out.FINISHED) {
                return;
            }
        }
        synchronized (this) {
            if (!inEnded) {
                return;
            }
        }
        end(Optional.empty(), false);
    }

    @Override
    void end(IOException reason) {
        end(Optional.of(reason), true);
    }

    private void end(Optional<Throwable> reason, boolean reset) {
        boolean wasConnected = connected.isDone() && !connected.isCompletedExceptionally();
        synchronized (this) {
            if (dead) {
                return;
            }
            dead = true;
            why = closing ? Optional.empty() : reason;
            wantInput();
        }
        synchronized (outLock) {
            out = Out.DEAD;
            outbound.clear();
        }
        if (reset && wasConnected) {
            try {
                tcp.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                net.count("net.reset-failed"); // closed in order, then
            }
        }
        closeChannel();
        if (!wasConnected) {
            Throwable e = reason.orElseGet(() -> new IOException("closed"));
            submit(() -> connected.completeExceptionally(e));
        }
    }

    @Override
    void shut() {
        SocketOwner.over(this);
        TcpHandler h;
        synchronized (this) {
            over = true;
            h = handler;
        }
        tellClosed(h);
    }

    private void tellClosed(TcpHandler h) {
        try {
            if (h != null) {
                h.closed(why);
            }
        } catch (Throwable e) { // a foreign handler
            net.count("net.handler-failed");
        }
    }
}
