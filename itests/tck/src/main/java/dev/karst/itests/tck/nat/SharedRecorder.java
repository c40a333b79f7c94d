// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.nat;

import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a detector and the shared socket, and notes what is not allowed there. */
final class SharedRecorder implements UdpSocket {
    private final UdpSocket socket;
    private final List<String> wrong = new CopyOnWriteArrayList<>();

    SharedRecorder(UdpSocket socket) {
        this.socket = socket;
    }

    /** What was done that must not be. */
    List<String> wrong() {
        return wrong;
    }

    @Override
    public InetSocketAddress local() {
        return socket.local();
    }

    @Override
    public void start(Handler handler) {
        socket.start(handler);
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        Optional<StunMessage> m = StunMessage.decode(datagram.duplicate()).message();
        if (m.isEmpty()) {
            wrong.add("not STUN, to " + to);
        } else if (m.get().kind() != StunClass.REQUEST) {
            wrong.add(m.get().kind() + " to " + to);
        }
        return socket.send(to, datagram);
    }

    @Override
    public void close() {
        wrong.add("closed");
    }
}
