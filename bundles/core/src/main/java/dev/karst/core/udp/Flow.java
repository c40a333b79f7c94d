// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket.Handler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;

/** The datagrams of one remote endpoint on a shared socket. */
public final class Flow implements DatagramFlow {
    private final SharedSocket shared;
    private final InetSocketAddress remote;
    private static final int EARLY = 64;

    private final ArrayDeque<byte[]> early; // guarded by this, like the rest
    private boolean started;
    private Handler handler; // only once the early ones were told: one call at a time, in order
    private boolean over;
    private volatile long heard;
    private volatile boolean spoken; // the other side

    Flow(SharedSocket shared, InetSocketAddress remote, List<byte[]> early, long now) {
        this.heard = now;
        this.shared = shared;
        this.remote = remote;
        this.early = new ArrayDeque<>(early);
        this.spoken = !early.isEmpty();
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
        synchronized (this) {
            if (started) {
                throw new IllegalStateException("started already");
            }
            started = true;
        }
        while (true) {
            byte[] next;
            synchronized (this) {
                next = early.poll();
                if (next == null) {
                    handler = h;
                    if (!over) {
                        return;
                    }
                    break;
                }
            }
            tell(h, ByteBuffer.wrap(next));
        }
        h.closed();
    }

    /** Whether nothing came since then, or ever. */
    boolean silent(long since) {
        return !spoken || heard - since < 0;
    }

    void tell(ByteBuffer bytes, long now) {
        heard = now;
        spoken = true;
        Handler h;
        synchronized (this) {
            h = over ? null : handler;
            if (h == null && !over && early.size() < EARLY) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                early.add(copy);
                return;
            }
        }
        if (h == null) {
            shared.count("udp.early");
        } else {
            tell(h, bytes);
        }
    }

    private void tell(Handler h, ByteBuffer bytes) {
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
