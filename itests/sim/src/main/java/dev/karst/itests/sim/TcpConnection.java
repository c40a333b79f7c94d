// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
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

    private SimNetwork view;
    private final SimHost host;
    private final long self;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final TcpSender sender;
    private final TcpReceiver receiver;
    private TcpFlow flow;
    private long peer;
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
        this.self = view.host().world().newEnd();
        this.local = local;
        this.remote = remote;
        this.sender = new TcpSender(this, host);
        this.receiver = new TcpReceiver(this, host);
        this.began = host.world().nanoTime();
        host.sockets().add(this);
    }

    // ---- handshake

    void connect(CompletableFuture<TcpSocket> result) {
        state = State.SYN_SENT;
        connecting = result;
        knock(Packet.Kind.SYN, State.SYN_SENT, 1);
    }

    void accept(TcpAcceptor a, long from) {
        state = State.SYN_RECEIVED;
        peer = from;
        acceptor = a;
        knock(Packet.Kind.SYN_ACK, State.SYN_RECEIVED, 1);
    }

    /** Sends the first packet, again after 1, 2, 4 … seconds. */
    private void knock(Packet.Kind kind, State during, int wait) {
        if (state != during) {
            return;
        }
        if (host.world().nanoTime() - began >= CONNECT_LIMIT) {
            fail(new SocketTimeoutException("Connection timed out"));
            return;
        }
        transmit(kind, 0, new byte[0]);
        host.after(Duration.ofSeconds(wait), () -> knock(kind, during, wait * 2));
    }

    /** RFC 9293 section 3.10.7.3 and 4, with names of ends for sequence numbers. */
    void receive(long otherFlow, Packet.Segment s) {
        if (s.kind() == Packet.Kind.RST) {
            if (state == State.SYN_SENT ? s.peer() == self : s.self() == peer) {
                reset();
            }
        } else if (state == State.SYN_SENT) {
            receiveUnconnected(otherFlow, s);
        } else if (s.kind() == Packet.Kind.SYN) {
            if (state == State.SYN_RECEIVED && s.self() == peer) {
                transmit(Packet.Kind.SYN_ACK, 0, new byte[0]);
            } else {
                acknowledge(); // a challenge: whoever is new there resets what is old here
            }
        } else if (s.peer() != self) {
            if (state == State.SYN_RECEIVED) {
                refuse(s);
            }
        } else if (s.self() != peer) {
            if (s.kind() != Packet.Kind.ACK) {
                acknowledge();
            }
        } else {
            receiveConnected(s);
        }
    }

    private void receiveUnconnected(long otherFlow, Packet.Segment s) {
        if (s.kind() == Packet.Kind.SYN) { // both knocked at once
            peer = s.self();
            state = State.SYN_RECEIVED;
            host.world().met(this, otherFlow);
            knock(Packet.Kind.SYN_ACK, State.SYN_RECEIVED, 1);
        } else if (s.peer() != self) {
            refuse(s);
        } else if (s.kind() == Packet.Kind.SYN_ACK) {
            peer = s.self();
            opened();
            acknowledge();
        }
    }

    /** What is acknowledged there was never sent from here. */
    private void refuse(Packet.Segment s) {
        host.send(new Packet(local, remote, flow.id(), s.refusal()));
    }

    private void opened() {
        state = State.OPEN;
        roundTrip = host.world().nanoTime() - began;
        if (acceptor != null) {
            call(() -> acceptor.accepted(this));
        } else {
            connecting.complete(this);
        }
        sender.pump();
    }

    private void receiveConnected(Packet.Segment s) {
        if (state == State.SYN_RECEIVED) {
            opened();
        }
        if (state == State.GONE) {
            return;
        }
        if (s.kind() == Packet.Kind.SYN_ACK) {
            acknowledge();
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
        if (unborn()) {
            fail(new ConnectException("Connection refused"));
        } else {
            fail(new IOException("Connection reset"));
        }
    }

    void fail(IOException reason) {
        if (state == State.GONE) {
            return;
        }
        boolean unborn = unborn();
        vanish();
        over(Optional.of(reason));
        if (unborn) {
            connecting.completeExceptionally(reason);
        }
    }

    /** Whether whoever connects waits for it. */
    private boolean unborn() {
        return connecting != null && !connecting.isDone();
    }

    /** A box on the way says that a packet did not get through. */
    void unreachable(Packet.IcmpError e) {
        boolean own = e.about().body() instanceof Packet.Segment s && s.self() == self;
        if (own && unborn()) { // later on it may be a passing trouble (RFC 5461)
            fail(
                    e.why() == Packet.Unreachable.PORT
                            ? new ConnectException("Connection refused")
                            : new NoRouteToHostException("No route to host"));
        }
    }

    /** Whether it only keeps the port from being used again, and a new connection may have it. */
    boolean waitsInVain(Packet.Segment syn) {
        return state == State.LINGERING && over && sender.ended() && syn.self() != peer;
    }

    private void abortQuietly() {
        transmit(Packet.Kind.RST, sender.next(), new byte[0]);
        vanish();
    }

    /** Forgets the connection without a word to anybody. */
    void vanish() {
        state = State.GONE;
        host.sockets().remove(this);
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
        Packet.Segment s =
                new Packet.Segment(kind, seq, receiver.next(), receiver.window(), data, self, peer);
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

    void flow(TcpFlow joined) {
        flow = joined;
    }

    Duration roundTrip() {
        return Duration.ofNanos(roundTrip);
    }

    @Override
    public String toString() {
        return Packet.text(local) + " > " + Packet.text(remote);
    }

    /** It is another view's now, and closes with that. */
    void moveTo(SimNetwork other) {
        view.remove(this);
        view = other;
        other.add(this);
    }
}
