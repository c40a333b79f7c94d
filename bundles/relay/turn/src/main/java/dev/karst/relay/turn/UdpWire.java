// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Over UDP, from a port of its own. Sending happens under the lock of the link. */
final class UdpWire implements Wire {
    private final Scope scope;
    private final InetSocketAddress server;
    private ByteBuffer scratch = ByteBuffer.allocateDirect(2048);
    private volatile UdpSocket socket;
    private volatile boolean closed;

    UdpWire(Scope scope, InetSocketAddress server) {
        this.scope = scope;
        this.server = server;
    }

    private InetSocketAddress anywhere() {
        boolean four = server.getAddress() instanceof Inet4Address;
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[four ? 4 : 16]), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("zeros are an address", e);
        }
    }

    @Override
    public void open(Reader reader) {
        scope.network()
                .bindUdp(anywhere())
                .whenComplete(
                        (s, e) -> {
                            if (e != null) {
                                reader.broken("no UDP socket: " + e.getMessage());
                            } else {
                                opened(s, reader);
                            }
                        });
    }

    private void opened(UdpSocket s, Reader reader) {
        socket = s;
        if (closed) {
            s.close();
            return;
        }
        s.start(
                new UdpSocket.Handler() {
                    @Override
                    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                        if (from.equals(server)) {
                            reader.received(bytes);
                        } else {
                            scope.count("relay.stranger");
                        }
                    }

                    @Override
                    public void closed() {
                        reader.broken("its socket was closed");
                    }
                });
        reader.opened();
    }

    @Override
    public boolean send(ByteBuffer message) {
        UdpSocket s = socket;
        return s != null && s.send(server, message);
    }

    @Override
    public boolean send(ByteBuffer head, ByteBuffer data) {
        int size = head.remaining() + data.remaining();
        if (scratch.capacity() < size) {
            scratch = ByteBuffer.allocateDirect(Integer.highestOneBit(size) << 1);
        }
        return send(scratch.clear().put(head).put(data).flip());
    }

    @Override
    public void close() {
        closed = true;
        UdpSocket s = socket;
        if (s != null) {
            s.close();
        }
    }
}
