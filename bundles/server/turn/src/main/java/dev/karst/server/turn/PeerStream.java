// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.turn.server.PeerConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.function.Consumer;

/** A TCP connection to a peer, RFC 6062; once joined with a client's, bytes go both ways. */
final class PeerStream implements PeerConnection, TurnListener.Ready {
    private final Relaying relaying;
    private final SocketChannel channel;
    private final InetSocketAddress remote;
    private final Outbox out;
    private Consumer<Optional<PeerConnection>> connecting;
    private SelectionKey key;
    private TcpClient client;
    private final long since = System.nanoTime();
    private boolean over;

    private PeerStream(Relaying relaying, SocketChannel channel, InetSocketAddress remote) {
        this.relaying = relaying;
        this.channel = channel;
        this.remote = remote;
        this.out = new Outbox(channel);
    }

    static void connect(
            Relaying relaying,
            SocketChannel c,
            InetSocketAddress remote,
            Consumer<Optional<PeerConnection>> done)
            throws IOException {
        PeerStream p = new PeerStream(relaying, c, remote);
        c.setOption(StandardSocketOptions.TCP_NODELAY, true);
        boolean at = c.connect(remote);
        p.connecting = at ? null : done;
        p.key = c.register(relaying.selector(), at ? 0 : SelectionKey.OP_CONNECT, p);
        if (!at) {
            relaying.connecting(p, true);
        } else {
            done.accept(Optional.of(p));
        }
    }

    static PeerStream accepted(Relaying relaying, SocketChannel c) throws IOException {
        PeerStream p = new PeerStream(relaying, c, (InetSocketAddress) c.getRemoteAddress());
        c.setOption(StandardSocketOptions.TCP_NODELAY, true);
        p.key = c.register(relaying.selector(), 0, p);
        return p;
    }

    long since() {
        return since;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void ready(SelectionKey k) {
        try {
            if (k.isConnectable()) {
                connected(k);
                return;
            }
            if (k.isWritable()) {
                out.flush();
                client.resume(out.full());
            }
            if (k.isValid() && k.isReadable()) {
                ByteBuffer in = relaying.buffer();
                if (channel.read(in) < 0) {
                    close();
                    return;
                }
                in.flip().position(Relaying.AT);
                client.fromPeer(in);
            }
            interest();
        } catch (IOException e) {
            close();
        }
    }

    private void connected(SelectionKey k) {
        try {
            channel.finishConnect();
        } catch (IOException e) {
            close();
            return;
        }
        k.interestOps(0);
        relaying.connecting(this, false);
        Consumer<Optional<PeerConnection>> done = connecting;
        connecting = null;
        done.accept(Optional.of(this));
    }

    /** From now on its bytes are that client's. */
    void join(TcpClient joined) {
        client = joined;
        interest();
    }

    /** Of the client. */
    void write(ByteBuffer bytes) {
        try {
            out.write(bytes);
            interest();
        } catch (IOException e) {
            close();
        }
    }

    boolean full() {
        return out.full();
    }

    void interest() {
        if (key.isValid() && client != null) {
            int read = client.full() ? 0 : SelectionKey.OP_READ;
            key.interestOps(read | (out.empty() ? 0 : SelectionKey.OP_WRITE));
        }
    }

    @Override
    public void close() {
        if (over) {
            return;
        }
        over = true;
        relaying.core().closed(this);
        relaying.connecting(this, false);
        try {
            out.flush();
            channel.close();
        } catch (IOException e) {
            // It is gone already.
        }
        if (client != null) {
            client.peerClosed();
        }
        Consumer<Optional<PeerConnection>> done = connecting;
        connecting = null;
        if (done != null) {
            done.accept(Optional.empty());
        }
    }
}
