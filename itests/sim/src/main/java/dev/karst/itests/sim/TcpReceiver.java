// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.TreeMap;

/** The receiving half of a connection: order, window, and showing bytes to the handler. */
final class TcpReceiver {
    private final TcpConnection connection;
    private final SimHost host;
    private final TreeMap<Long, Packet.Segment> early = new TreeMap<>();
    private final ArrayDeque<byte[]> unread = new ArrayDeque<>();
    private int unreadBytes;
    private long next;
    private boolean reading;
    private boolean finReceived;
    private boolean finTold;
    private boolean windowWasSmall;

    TcpReceiver(TcpConnection connection, SimHost host) {
        this.connection = connection;
        this.host = host;
    }

    void take(Packet.Segment s) {
        if (s.seq() > next) {
            if (s.seq() < next + TcpConnection.WINDOW) {
                early.put(s.seq(), s);
            }
        } else if (s.seq() == next) {
            append(s);
            while (!early.isEmpty() && early.firstKey() <= next) {
                Packet.Segment e = early.pollFirstEntry().getValue();
                if (e.seq() == next) {
                    append(e);
                }
            }
        }
        connection.acknowledge();
        show();
    }

    private void append(Packet.Segment s) {
        if (s.kind() == Packet.Kind.FIN) {
            finReceived = true;
            next++;
        } else {
            unread.add(s.data());
            unreadBytes += s.data().length;
            next += s.data().length;
        }
    }

    void reading(boolean on) {
        reading = on;
        if (on) {
            host.after(Duration.ZERO, this::show);
        }
    }

    /** Shows what came, several segments at once, to whoever listens. */
    private void show() {
        if (connection.discarding()) {
            unread.clear();
            unreadBytes = 0;
        }
        while (reading && !unread.isEmpty() && connection.listening()) {
            ByteBuffer b = host.buffer();
            while (!unread.isEmpty() && unread.peek().length <= b.remaining()) {
                b.put(unread.poll());
            }
            b.flip();
            unreadBytes -= b.limit();
            connection.tell(h -> h.bytes(b));
        }
        if (windowWasSmall && window() >= TcpConnection.WINDOW / 2 && connection.open()) {
            connection.acknowledge();
        }
        boolean heard = connection.listening() || connection.discarding();
        if (finReceived && unread.isEmpty() && reading && !finTold && heard) {
            finTold = true;
            if (connection.listening()) {
                connection.tell(h -> h.finished());
            }
            connection.settle();
        }
    }

    long next() {
        return next;
    }

    int window() {
        int w = Math.max(0, TcpConnection.WINDOW - unreadBytes);
        windowWasSmall = w < TcpConnection.WINDOW / 4;
        return w;
    }

    boolean done() {
        return finTold;
    }
}
