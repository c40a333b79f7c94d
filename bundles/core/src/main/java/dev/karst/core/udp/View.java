// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * One user of STUN on a shared socket; forgets its handler when closed, and the socket lives on.
 */
final class View implements UdpSocket {
    private final SharedSocket shared;
    final String user;
    private Handler handler; // guarded by this
    private boolean closed; // guarded by this

    View(SharedSocket shared, String user) {
        this.shared = shared;
        this.user = user;
    }

    /** Whether it is an attempt's, that sends to where others say. */
    boolean punches() {
        return !user.isEmpty();
    }

    @Override
    public InetSocketAddress local() {
        return shared.local();
    }

    @Override
    public void start(Handler h) {
        synchronized (this) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            if (!closed) {
                handler = h;
                return;
            }
        }
        h.closed();
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        synchronized (this) {
            if (closed) {
                return false;
            }
        }
        return shared.send(this, to, datagram);
    }

    void tell(InetSocketAddress from, ByteBuffer bytes) {
        Handler h;
        synchronized (this) {
            h = handler;
        }
        if (h == null) {
            return;
        }
        try {
            h.datagram(from, bytes);
        } catch (Throwable e) { // a provider's error must not end the socket of all
            shared.count("net.handler-failed");
        }
    }

    @Override
    public void close() {
        Handler h;
        synchronized (this) {
            closed = true;
            h = handler;
            handler = null;
        }
        shared.leave(this);
        if (h != null) {
            try {
                h.closed();
            } catch (Throwable e) { // a provider's, and perhaps of one that left
                shared.count("net.handler-failed");
            }
        }
    }
}
