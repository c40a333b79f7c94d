// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One end of a TCP connection: handshake, states and who is told. The bytes are the business of
 * {@link TcpSender} and {@link TcpReceiver}.
 */
final class TcpConnection implements TcpSocket {
    static final int WINDOW = 256 << 10;
    private static final long CONNECT_LIMIT = 127_000_000_000L;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
    private static final Duration LINGER = Duration.ofSeconds(60);

    private enum State {
        SYN_SENT,
        SYN_RECEIVED,
        OPEN,
        /** The application is gone; the host still sees the bytes and the FIN off. */
        LINGERING,
        GONE
    }

    private final SimNetwork view;
    private final SimHost host;
    private final TcpFlow flow;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final TcpSender sender;
    private final TcpReceiver receiver;
    private State state;
    private CompletableFuture<TcpSocket> connecting;
    private TcpAcceptor acceptor;
    private TcpHandler handler;
    private long began;
    private long roundTrip;
    private boolean closing;
    private boolean over;
    private Optional<Throwable> why = Optional.empty();

    TcpConnection(
            SimNetwork view, TcpFlow flow, InetSocketAddress local, InetSocketAddress remote) {
        this.view = view;
        this.host = view.host();
        this.flow = flow;
        this.local = local;
        this.remote = remote;
        this.sender = new TcpSender(this, host);
        this.receiver = new TcpReceiver(this, host);
        this.began = host.world().nanoTime();
        host.add(this);
    }

    // ---- handshake

    void connect(CompletableFuture<TcpSocket> result) {
        state = State.SYN_SENT;
        connecting = result;
        knock(Packet.Kind.SYN, State.SYN_SENT, 1);
    }

    void accept(TcpAcceptor a) {
        state = State.SYN_RECEIVED;
        acceptor = a;
        knock(Packet.Kind.SYN_ACK, State.SYN_RECEIVED, 1);
    }

    /** Sends the first packet, again after 1, 2, 4 … seconds. */
    private void knock(Packet.Kind kind, State during, int wait) {
        if (state != during) {
            return;
        }
        if (host.world().nanoTime() - began > CONNECT_LIMIT) {
            fail(new SocketTimeoutException("Connection timed out"));
            return;
        }
        transmit(kind, 0, new byte[0]);
        host.after(Duration.ofSeconds(wait), () -> knock(kind, during, wait * 2));
    }

    void receive(Packet.Segment s) {
        if (s.kind() == Packet.Kind.RST) {
            reset();
            return;
        }
        if (state == State.SYN_SENT) {
            if (s.kind() == Packet.Kind.SYN_ACK) {
                state = State.OPEN;
                roundTrip = host.world().nanoTime() - began;
                acknowledge();
                connecting.complete(this);
                sender.pump();
            }
            return;
        }
        if (s.kind() == Packet.Kind.SYN || s.kind() == Packet.Kind.SYN_ACK) {
            if (state == State.SYN_RECEIVED) {
                transmit(Packet.Kind.SYN_ACK, 0, new byte[0]);
            } else {
                acknowledge();
            }
            return;
        }
        if (state == State.SYN_RECEIVED) {
            state = State.OPEN;
            call(() -> acceptor.accepted(this));
        }
        if (state == State.GONE) {
            return;
        }
        sender.acknowledged(s);
        switch (s.kind()) {
            case DATA, FIN -> {
                if (state == State.LINGERING && s.seq() + s.data().length > receiver.next()) {
                    abortQuietly(); // more, and nobody is there to read it
                } else {
                    receiver.take(s);
                }
            }
            case PROBE -> acknowledge();
            default -> {}
        }
        settle();
    }

    /** Looks whether both directions are done. */
    void settle() {
        if (state == State.OPEN && !over && sender.ended() && receiver.done()) {
            over(Optional.empty());
            linger();
        }
    }

    private void linger() {
        if (state != State.GONE) {
            state = State.LINGERING;
            host.after(LINGER, this::vanish);
        }
    }

    // ---- the end

    /** The other side, or a fault, reset the connection. */
    void reset() {
        if (state == State.SYN_SENT) {
            fail(new ConnectException("Connection refused"));
        } else {
            fail(new IOException("Connection reset"));
        }
    }

    void fail(IOException reason) {
        if (state == State.GONE) {
            return;
        }
        boolean unborn = state == State.SYN_SENT;
        vanish();
        over(Optional.of(reason));
        if (unborn) {
            connecting.completeExceptionally(reason);
        }
    }

    private void abortQuietly() {
        transmit(Packet.Kind.RST, sender.next(), new byte[0]);
        vanish();
    }

    /** Forgets the connection without a word to anybody. */
    void vanish() {
        state = State.GONE;
        host.remove(this);
        sender.stop();
        host.world().ended(this);
    }

    private void over(Optional<Throwable> reason) {
        if (over) {
            return;
        }
        over = true;
        why = closing ? Optional.empty() : reason;
        view.remove(this);
        host.world().ended(this);
        host.world().trace(host.name(), "closed " + Packet.text(local) + " " + why);
        tellClosed();
    }

    private void tellClosed() {
        TcpHandler h = handler;
        if (h != null) {
            host.after(Duration.ZERO, () -> call(() -> h.closed(why)));
        }
    }

    // ---- TcpSocket

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
        if (handler != null) {
            throw new IllegalStateException("started already");
        }
        handler = h;
        if (over) {
            tellClosed();
        } else {
            receiver.reading(true);
        }
    }

    @Override
    public boolean write(ByteBuffer... parts) {
        if (over || closing) {
            return false;
        }
        return sender.write(parts);
    }

    @Override
    public void reading(boolean on) {
        if (handler != null && !over) {
            receiver.reading(on);
        }
    }

    @Override
    public void finish() {
        if (!over) {
            sender.finish();
        }
    }

    @Override
    public void close() {
        if (over || closing) {
            return;
        }
        if (state == State.SYN_SENT || state == State.SYN_RECEIVED) {
            fail(new IOException("closed before it was open"));
            return;
        }
        closing = true;
        sender.finish();
        receiver.reading(true); // and throw away: unread bytes would turn the close into a reset
        host.after(Duration.ZERO, this::settle);
        host.after(CLOSE_LIMIT, this::closedLate);
    }

    private void closedLate() {
        if (!over) {
            over(Optional.empty());
            if (sender.ended()) {
                linger();
            } else {
                abortQuietly(); // the peer must not take what it has for all
            }
        }
    }

    @Override
    public void abort() {
        if (!over) {
            transmit(Packet.Kind.RST, sender.next(), new byte[0]);
            fail(new IOException("aborted"));
        }
    }

    // ---- for sender and receiver

    void transmit(Packet.Kind kind, long seq, byte[] data) {
        Packet.Segment s = new Packet.Segment(kind, seq, receiver.next(), receiver.window(), data);
        host.send(new Packet(local, remote, flow.id(), s));
    }

    void acknowledge() {
        transmit(Packet.Kind.ACK, sender.next(), new byte[0]);
    }

    /** Tells the handler something, unless it is over; one that throws has its socket closed. */
    void tell(java.util.function.Consumer<TcpHandler> what) {
        if (handler != null && !over) {
            call(() -> what.accept(handler));
        }
    }

    private void call(Runnable r) {
        try {
            r.run();
        } catch (RuntimeException | Error e) {
            host.count("net.handler-failed");
            abort();
            host.world().failed(host.name() + " tcp " + Packet.text(local), e);
        }
    }

    boolean open() {
        return state == State.OPEN || state == State.LINGERING;
    }

    boolean listening() {
        return handler != null && !over && !closing;
    }

    boolean discarding() {
        return closing && !over;
    }

    /** For its application, it is over. */
    boolean gone() {
        return over || state == State.GONE;
    }

    TcpFlow flow() {
        return flow;
    }

    Duration roundTrip() {
        return Duration.ofNanos(roundTrip);
    }

    @Override
    public String toString() {
        return Packet.text(local) + " > " + Packet.text(remote);
    }
}
