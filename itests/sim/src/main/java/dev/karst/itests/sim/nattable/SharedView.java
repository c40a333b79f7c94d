// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import dev.karst.lib.stun.StunMessage;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The shared socket as the core gives it to a detector: STUN requests out, the answers to exactly
 * those in. Each detection gets a view of its own.
 */
final class SharedView {
    private final UdpSocket socket;
    private final Map<ByteBuffer, View> pending = new HashMap<>();
    private final Set<InetSocketAddress> written = new HashSet<>();

    SharedView(UdpSocket socket) {
        this.socket = socket;
        socket.start(this::datagram);
    }

    private void datagram(InetSocketAddress from, ByteBuffer bytes) {
        if (StunMessage.looksLikeStun(bytes)) {
            View v = pending.get(id(bytes));
            if (v != null && v.handler != null) {
                v.handler.datagram(from, bytes);
            }
        }
    }

    private static ByteBuffer id(ByteBuffer bytes) {
        byte[] id = new byte[12];
        bytes.duplicate().position(bytes.position() + 8).get(id);
        return ByteBuffer.wrap(id);
    }

    /** Where it wrote to. */
    Set<InetSocketAddress> written() {
        return written;
    }

    UdpSocket view() {
        return new View();
    }

    private final class View implements UdpSocket {
        private Handler handler;

        @Override
        public InetSocketAddress local() {
            return socket.local();
        }

        @Override
        public void start(Handler h) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            handler = h;
        }

        @Override
        public boolean send(InetSocketAddress to, ByteBuffer datagram) {
            if (!StunMessage.looksLikeStun(datagram)) {
                throw new IllegalArgumentException("not STUN");
            }
            pending.put(id(datagram), this);
            written.add(to);
            return socket.send(to, datagram);
        }

        @Override
        public void close() {
            throw new IllegalStateException("the shared socket is not to be closed");
        }
    }
}
