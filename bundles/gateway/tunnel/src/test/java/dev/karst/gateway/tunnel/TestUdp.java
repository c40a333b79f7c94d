// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** A {@link UdpSocket} with one reading thread. */
final class TestUdp implements UdpSocket {
    private final DatagramChannel channel;

    TestUdp(InetSocketAddress local) throws IOException {
        channel = DatagramChannel.open().bind(local);
    }

    @Override
    public InetSocketAddress local() {
        try {
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start(Handler handler) {
        Thread t = new Thread(() -> read(handler), "test-udp");
        t.setDaemon(true);
        t.start();
    }

    private void read(Handler handler) {
        ByteBuffer buffer = ByteBuffer.allocate(65536);
        try {
            while (true) {
                InetSocketAddress from = (InetSocketAddress) channel.receive(buffer.clear());
                handler.datagram(from, buffer.flip());
            }
        } catch (IOException e) {
            handler.closed();
        }
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        try {
            return channel.send(datagram, to) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
