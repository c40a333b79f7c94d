// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.turn.server.PeerConnection;
import dev.karst.lib.stun.turn.server.RelayPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.function.Consumer;

/** A relayed TCP port, RFC 6062: listens, and connects from the same port. */
final class TcpRelay extends RelayPort implements TurnListener.Ready {
    private final Relaying relaying;
    private final ServerSocketChannel listener;
    private final InetSocketAddress bound;
    private final InetSocketAddress told;

    private TcpRelay(
            Relaying relaying,
            ServerSocketChannel listener,
            InetSocketAddress bound,
            InetSocketAddress told) {
        this.relaying = relaying;
        this.listener = listener;
        this.bound = bound;
        this.told = told;
    }

    static TcpRelay open(Relaying relaying, ServerConfig.Address a, int port) throws IOException {
        ServerSocketChannel l = ServerSocketChannel.open();
        try {
            InetSocketAddress bound = new InetSocketAddress(a.bind(), port);
            l.configureBlocking(false);
            l.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            l.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            l.bind(bound, 16);
            TcpRelay out = new TcpRelay(relaying, l, bound, new InetSocketAddress(a.told(), port));
            l.register(relaying.selector(), SelectionKey.OP_ACCEPT, out);
            return out;
        } catch (IOException | RuntimeException e) {
            l.close();
            throw e;
        }
    }

    @Override
    protected InetSocketAddress address() {
        return told;
    }

    @Override
    protected void send(InetSocketAddress peer, ByteBuffer datagram) {
        relaying.count("turn.dropped.send");
    }

    @Override
    protected void connect(InetSocketAddress peer, Consumer<Optional<PeerConnection>> done) {
        if (!relaying.mayConnect()) {
            done.accept(Optional.empty());
            return;
        }
        try {
            SocketChannel c = SocketChannel.open();
            try {
                c.configureBlocking(false);
                c.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                c.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                c.bind(bound);
                PeerStream.connect(relaying, c, peer, done);
            } catch (IOException | RuntimeException e) {
                c.close();
                done.accept(Optional.empty());
            }
        } catch (IOException e) {
            done.accept(Optional.empty());
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        SocketChannel c = listener.accept();
        if (c != null) {
            c.configureBlocking(false);
            PeerStream peer = PeerStream.accepted(relaying, c);
            relaying.core().accepted(this, peer, System.nanoTime());
        }
    }

    @Override
    protected void close() {
        try {
            listener.close();
        } catch (IOException e) {
            // It has no bytes of ours left.
        }
    }
}
