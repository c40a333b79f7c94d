// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket.Handler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** The datagrams of one remote endpoint on a shared socket. */
public final class Flow implements DatagramFlow {
    private final SharedSocket shared;
    private final InetSocketAddress remote;
    private List<byte[]> early; // guarded by this, like the rest
    private Handler handler;
    private boolean over;

    Flow(SharedSocket shared, InetSocketAddress remote, List<byte[]> early) {
        this.shared = shared;
        this.remote = remote;
        this.early = early;
    }

    @Override
    public InetSocketAddress local() {
        return shared.local();
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public void start(Handler h) {
        List<byte[]> first;
        boolean late;
        synchronized (this) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            handler = h;
            first = early;
            early = List.of();
            late = over;
        }
        for (byte[] b : first) {
            tell(ByteBuffer.wrap(b));
        }
        if (late) {
            h.closed();
        }
    }

    void tell(ByteBuffer bytes) {
        Handler h;
        synchronized (this) {
            h = over ? null : handler;
        }
        if (h == null) {
            shared.count("udp.early");
            return;
        }
        try {
            h.datagram(remote, bytes);
        } catch (Throwable e) { // a provider's error must not end the socket of all
            shared.count("net.handler-failed");
        }
    }

    @Override
    public boolean send(ByteBuffer datagram) {
        synchronized (this) {
            if (over) {
                return false;
            }
        }
        return shared.send(this, datagram);
    }

    @Override
    public void close() {
        shared.leave(this);
        ended();
    }

    /** The socket is over, or this flow. */
    void ended() {
        Handler h;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            h = handler;
        }
        if (h != null) {
            try {
                h.closed();
            } catch (Throwable e) { // a provider's, and perhaps of one that left
                shared.count("net.handler-failed");
            }
        }
    }
}
