// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A flow over a UDP socket of its own. */
public record SocketFlow(UdpSocket socket, InetSocketAddress remote) implements DatagramFlow {
    @Override
    public InetSocketAddress local() {
        return socket.local();
    }

    @Override
    public void start(UdpSocket.Handler handler) {
        socket.start(
                new UdpSocket.Handler() {
                    @Override
                    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                        if (from.equals(remote)) {
                            handler.datagram(from, bytes);
                        }
                    }

                    @Override
                    public void closed() {
                        handler.closed();
                    }
                });
    }

    @Override
    public boolean send(ByteBuffer datagram) {
        return socket.send(remote, datagram);
    }

    @Override
    public void close() {
        socket.close();
    }
}
