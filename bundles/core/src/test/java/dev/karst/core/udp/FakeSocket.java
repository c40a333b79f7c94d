// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.relay.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A socket whose other side is the test. */
final class FakeSocket implements RelaySocket {
    final List<InetSocketAddress> sent = new ArrayList<>();
    Handler handler;
    boolean closed;

    static UdpSocket.Handler into(List<ByteBuffer> list) {
        return (from, bytes) -> list.add(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
    }

    @Override
    public InetSocketAddress local() {
        return new InetSocketAddress("192.0.2.1", 4000);
    }

    @Override
    public void start(Handler h) {
        handler = h;
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        sent.add(to);
        return true;
    }

    @Override
    public void close() {
        closed = true;
        handler.closed();
    }

    @Override
    public InetSocketAddress server() {
        return new InetSocketAddress("198.51.100.1", 3478);
    }

    @Override
    public CompletionStage<Void> permit(InetAddress peer) {
        return CompletableFuture.completedFuture(null);
    }
}
