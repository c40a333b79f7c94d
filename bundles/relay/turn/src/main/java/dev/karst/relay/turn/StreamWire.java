// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.StunMessage;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Over TCP or TLS. While the socket is full, data is dropped as by any queue that is full. */
final class StreamWire implements Wire {
    private final Scope scope;
    private final TurnUrl url;
    private final InetSocketAddress server;
    private final TlsOptions tls;
    private final StunFramer framer = new StunFramer(StunMessage.MAX_LENGTH, true);
    private volatile TcpSocket socket;
    private volatile boolean full;
    private volatile boolean closed;

    StreamWire(Scope scope, TurnUrl url, InetSocketAddress server, TlsOptions tls) {
        this.scope = scope;
        this.url = url;
        this.server = server;
        this.tls = tls;
    }

    @Override
    public void open(Reader reader) {
        CompletionStage<TcpSocket> connected =
                url.over() == TurnUrl.Over.TLS
                        ? scope.network().connectTls(server, url.host(), tls)
                        : scope.network().connectTcp(server);
        connected.whenComplete(
                (s, e) -> {
                    if (e != null) {
                        reader.broken("no connection: " + e.getMessage());
                    } else {
                        opened(s, reader);
                    }
                });
    }

    private void opened(TcpSocket s, Reader reader) {
        socket = s;
        if (closed) {
            s.abort();
            return;
        }
        s.start(
                new TcpHandler() {
                    @Override
                    public void bytes(ByteBuffer bytes) {
                        for (byte[] m : framer.feed(bytes)) {
                            reader.received(ByteBuffer.wrap(m));
                        }
                        if (framer.problem().isPresent()) {
                            scope.count("relay.malformed");
                            s.abort();
                        }
                    }

                    @Override
                    public void writable() {
                        full = false;
                    }

                    @Override
                    public void finished() {
                        s.close();
                    }

                    @Override
                    public void closed(Optional<Throwable> why) {
                        reader.broken("the connection ended");
                    }
                });
        reader.opened();
    }

    @Override
    public boolean send(ByteBuffer message) {
        TcpSocket s = socket;
        if (s == null) {
            return false;
        }
        full = !s.write(message);
        return true;
    }

    @Override
    public boolean send(ByteBuffer head, ByteBuffer data) {
        TcpSocket s = socket;
        if (s == null || full) {
            return false;
        }
        ByteBuffer padding = ByteBuffer.allocate(-data.remaining() & 3);
        full = !s.write(head, data, padding);
        return true;
    }

    @Override
    public void close() {
        closed = true;
        TcpSocket s = socket;
        if (s != null) {
            s.close();
        }
    }
}
