// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.server.StunAnswer;
import dev.karst.lib.stun.server.StunResponder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One connection. Closed when its frames are lost, it is silent or does not read its answers. */
final class TcpClient implements TurnListener.Ready {
    /** Longer than a client waits for one transaction (Ti is 39.5 s). */
    private static final long IDLE = TimeUnit.SECONDS.toNanos(60);

    private final TcpClients clients;
    private final SocketChannel channel;
    private final StunResponder responder;
    private final int end;
    private final InetSocketAddress remote;
    private final StunFramer framer = new StunFramer(StunResponder.MAX_REQUEST, false);
    private long heardAt = System.nanoTime();

    TcpClient(TcpClients clients, SocketChannel channel, StunResponder responder, int end)
            throws IOException {
        this.clients = clients;
        this.channel = channel;
        this.responder = responder;
        this.end = end;
        this.remote = (InetSocketAddress) channel.getRemoteAddress();
    }

    SocketChannel channel() {
        return channel;
    }

    boolean idle(long now) {
        return now - heardAt > IDLE;
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            ByteBuffer in = ByteBuffer.allocate(4096);
            if (channel.read(in) < 0) {
                clients.close(this, "tcp.closed");
                return;
            }
            read(in.flip());
        } catch (IOException e) {
            clients.close(this, "tcp.closed.reset");
        }
    }

    private void read(ByteBuffer in) throws IOException {
        long now = System.nanoTime();
        for (byte[] message : framer.feed(in)) {
            // A byte now and then is no sign of life, a message is.
            heardAt = now;
            clients.heard(this);
            Optional<StunAnswer> answer = responder.tcp(end, remote, ByteBuffer.wrap(message), now);
            if (answer.isPresent()) {
                ByteBuffer out = ByteBuffer.wrap(answer.get().bytes());
                channel.write(out);
                if (out.hasRemaining()) { // a socket's buffer full of answers: it reads none
                    clients.close(this, "tcp.closed.slow");
                    return;
                }
            }
        }
        framer.problem().ifPresent(p -> clients.close(this, "tcp.closed." + p.counter()));
    }
}
