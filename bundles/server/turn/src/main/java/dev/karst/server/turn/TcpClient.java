// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.server.StunAnswer;
import dev.karst.lib.stun.server.StunResponder;
import dev.karst.lib.stun.turn.server.PeerConnection;
import dev.karst.lib.stun.turn.server.TurnLink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One connection, plain or TLS. Closed when its frames are lost, it does not read its answers, or
 * is silent without an allocation.
 */
final class TcpClient implements TurnListener.Ready {
    /** Longer than a client waits for one transaction (Ti is 39.5 s). */
    private static final long IDLE = TimeUnit.SECONDS.toNanos(60);

    private final TcpClients clients;
    private final SocketChannel channel;
    private final TcpClients.Serves serves;
    private final InetSocketAddress remote;
    private final StunFramer framer;
    private final Outbox out;
    private final TurnLink link;
    private TlsLayer tls;
    private SelectionKey key;
    private PeerStream peer;
    private boolean over;
    private long heardAt = System.nanoTime();

    TcpClient(TcpClients clients, SocketChannel channel, TcpClients.Serves serves)
            throws IOException {
        this.clients = clients;
        this.channel = channel;
        this.serves = serves;
        this.remote = (InetSocketAddress) channel.getRemoteAddress();
        this.out = new Outbox(channel);
        boolean relays = serves.relaying() != null;
        this.framer =
                relays
                        ? new StunFramer(StunMessage.MAX_LENGTH, true)
                        : new StunFramer(StunResponder.MAX_REQUEST, false);
        this.link = new Link(remote);
    }

    /** Begins. */
    void start(SelectionKey registered, TlsLayer layer) {
        key = registered;
        tls = layer;
    }

    private final class Link extends TurnLink {
        Link(InetSocketAddress remote) {
            super(remote, true);
        }

        @Override
        protected void send(ByteBuffer bytes) {
            if (out.full() && (bytes.get(bytes.position()) & 0xff) != 0x01) {
                clients.count("tcp.dropped.full"); // data; answers have no other chance
            } else {
                write(bytes);
            }
        }

        @Override
        protected void splice(PeerConnection connection) {
            peer = (PeerStream) connection;
            peer.join(TcpClient.this);
        }
    }

    SocketChannel channel() {
        return channel;
    }

    boolean idle(long now) {
        return now - heardAt > IDLE && !busy();
    }

    /** It has an allocation, or a peer at the other end. */
    boolean busy() {
        return link.allocated() || peer != null;
    }

    @Override
    public void ready(SelectionKey k) {
        try {
            if (k.isWritable()) {
                out.flush();
                if (peer != null) {
                    peer.interest();
                }
                interest();
            }
            if (k.isValid() && k.isReadable()) {
                ByteBuffer in = clients.buffer();
                if (channel.read(in) < 0) {
                    close("tcp.closed");
                    return;
                }
                received(in.flip());
            }
        } catch (IOException e) {
            close("tcp.closed.reset");
        }
    }

    private void received(ByteBuffer in) {
        if (tls != null) {
            tls.received(in);
        } else {
            plain(in);
        }
    }

    /** Takes bytes without TLS. */
    void plain(ByteBuffer in) {
        if (peer != null) {
            peer.write(in);
            interest();
            return;
        }
        long now = System.nanoTime();
        for (byte[] message : framer.feed(in)) {
            // A byte now and then is no sign of life, a message is.
            heardAt = now;
            clients.heard(this);
            if (over) {
                return;
            }
            if (peer != null) { // joined by the message before
                peer.write(ByteBuffer.wrap(message));
            } else {
                message(message, now);
            }
        }
        if (!over && peer == null) {
            framer.problem().ifPresent(p -> close("tcp.closed." + p.counter()));
        }
    }

    private void message(byte[] message, long now) {
        boolean binding = message.length > 1 && message[0] == 0 && message[1] == 1;
        if (serves.relaying() != null && !binding) {
            serves.relaying().core().frame(serves.relayEnd(), link, ByteBuffer.wrap(message), now);
            return;
        }
        Optional<StunAnswer> answer =
                serves.responder().tcp(serves.end(), remote, ByteBuffer.wrap(message), now);
        answer.ifPresent(a -> write(ByteBuffer.wrap(a.bytes())));
    }

    private void write(ByteBuffer bytes) {
        if (tls != null) {
            tls.send(bytes);
        } else {
            wire(bytes);
        }
    }

    /** Sends as it is. */
    void wire(ByteBuffer bytes) {
        if (over) {
            return;
        }
        try {
            out.write(bytes);
            interest();
        } catch (IOException e) {
            close("tcp.closed.slow");
        }
    }

    private void interest() {
        if (key != null && key.isValid()) {
            int read = peer != null && peer.full() ? 0 : SelectionKey.OP_READ;
            int ops = read | (out.empty() ? 0 : SelectionKey.OP_WRITE);
            if (ops != key.interestOps()) {
                key.interestOps(ops);
            }
        }
    }

    /** Takes bytes of the peer that it is joined with. */
    void fromPeer(ByteBuffer bytes) {
        write(bytes);
    }

    boolean full() {
        return out.full();
    }

    /** The peer reads again, or not. */
    void resume(boolean full) {
        if (!full) {
            interest();
        }
    }

    void peerClosed() {
        close("tcp.closed.peer");
    }

    void close(String why) {
        if (!over) {
            over = true;
            clients.closed(this, why);
            if (serves.relaying() != null) {
                serves.relaying().core().gone(link);
            }
            if (peer != null) {
                peer.close();
            }
        }
    }

    /** When the server stops. */
    void abandon() {
        over = true;
        try {
            channel.close();
        } catch (IOException e) {
            // It has no bytes of ours left.
        }
    }
}
