// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import dev.karst.core.Counters;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one UDP socket of a local address, shared by all who must leave by the same port: what
 * arrives is given to whom it is meant for, the rest is counted and dropped. Thread-safe.
 */
final class SharedSocket implements UdpSocket.Handler {
    /** Bit 0x0100 of a STUN type says response, 0x0010 alone an indication (RFC 8489 section 5). */
    private static final int CLASS = 0x0110;

    private static final int RESPONSE = 0x0100;
    private static final int COOKIE = 0x2112A442;
    private static final int HEADER = 20;
    private static final int PENDING = 1024;

    private record Transaction(long high, int low) {}

    private final UdpSocket socket;
    private final Counters counters;

    /** Requests that wait for an answer; the oldest is forgotten when there are too many. */
    private final Map<Transaction, StunView> pending =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Transaction, StunView> eldest) {
                    return size() > PENDING;
                }
            };

    SharedSocket(UdpSocket socket, Counters counters) {
        this.socket = socket;
        this.counters = counters;
        socket.start(this);
    }

    InetSocketAddress local() {
        return socket.local();
    }

    /** A view that sends STUN requests and is told the answers to them, from wherever they come. */
    UdpSocket stun() {
        return new StunView();
    }

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        Transaction t = transaction(bytes, RESPONSE);
        StunView view;
        synchronized (pending) {
            view = t == null ? null : pending.get(t);
        }
        if (view == null) {
            counters.add(t == null ? "udp.unclaimed" : "udp.stray-stun");
        } else {
            view.tell(from, bytes);
        }
    }

    @Override
    public void closed() {
        synchronized (pending) {
            pending.clear();
        }
    }

    void close() {
        socket.close();
    }

    /** The transaction id, if this is a STUN message of request (0) or response class. */
    private static Transaction transaction(ByteBuffer b, int kind) {
        int at = b.position();
        if (b.remaining() < HEADER || b.getInt(at + 4) != COOKIE) {
            return null;
        }
        int type = b.getShort(at);
        boolean right = kind == RESPONSE ? (type & RESPONSE) != 0 : (type & CLASS) == 0;
        return (type & 0xC000) == 0 && right
                ? new Transaction(b.getLong(at + 8), b.getInt(at + 16))
                : null;
    }

    /** One user of STUN; forgets its handler when closed, and the socket lives on. */
    private final class StunView implements UdpSocket {
        private Handler handler; // guarded by this
        private boolean closed; // guarded by this

        @Override
        public InetSocketAddress local() {
            return socket.local();
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
            Transaction t = transaction(datagram, 0);
            if (t == null) {
                counters.add("udp.not-stun");
                return false;
            }
            synchronized (this) {
                if (closed) {
                    return false;
                }
            }
            synchronized (pending) {
                pending.remove(t);
                pending.put(t, this);
            }
            return socket.send(to, datagram);
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
                counters.add("net.handler-failed");
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
            synchronized (pending) {
                pending.values().removeIf(v -> v == this);
            }
            if (h != null) {
                try {
                    h.closed();
                } catch (Throwable e) { // a provider's, and perhaps of one that left
                    counters.add("net.handler-failed");
                }
            }
        }
    }
}
