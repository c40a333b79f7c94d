// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunDecoded;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A UDP socket that STUN requests leave by, the shared one or one of our own: finds the question
 * that an answer belongs to. What is too large, malformed, too much or unasked for is counted and
 * dropped on the network thread already, as far as it can be told there.
 */
final class StunSocket implements UdpSocket.Handler {
    private static final int LARGEST = 1280;
    private static final int MOST_WAITING = 64;

    private final Run run;
    private final UdpSocket socket;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Map<ByteBuffer, Question> pending = new HashMap<>();
    private final Set<InetSocketAddress> written = ConcurrentHashMap.newKeySet();
    private Incoming incoming = (from, id) -> {};
    private boolean closed;

    /** Told of requests, which only hairpinning brings. */
    @FunctionalInterface
    interface Incoming {
        void request(InetSocketAddress from, ByteBuffer id);
    }

    StunSocket(Run run, UdpSocket socket) {
        this.run = run;
        this.socket = socket;
    }

    void start() {
        socket.start(this);
    }

    InetSocketAddress local() {
        return socket.local();
    }

    void incoming(Incoming told) {
        incoming = told;
    }

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        if (bytes.remaining() > LARGEST) {
            run.scope().count("nat.oversized");
            return;
        }
        StunDecoded decoded = StunMessage.decode(bytes, LARGEST, false);
        if (decoded.message().isEmpty()) {
            run.scope().count("nat.malformed");
            return;
        }
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            run.scope().count("nat.flood");
            return;
        }
        run.soon(
                () -> {
                    waiting.decrementAndGet();
                    take(from, decoded.message().get());
                });
    }

    private void take(InetSocketAddress from, StunMessage m) {
        ByteBuffer id = ByteBuffer.wrap(m.transactionId());
        if (closed || m.method() != StunMethod.BINDING || m.kind() == StunClass.INDICATION) {
            run.scope().count("nat.unexpected");
        } else if (m.kind() == StunClass.REQUEST) {
            incoming.request(from, id);
        } else {
            Question q = pending.get(id);
            if (q == null) {
                run.scope().count("nat.unknown-transaction");
            } else {
                q.answered(from, id, m);
            }
        }
    }

    /** Asks; see {@link Question}. */
    Question ask(Question.What what, Question.Pace pace, Question.Told told) {
        Question q = new Question(run, this, what, pace, told);
        q.begin();
        return q;
    }

    void send(Question q, ByteBuffer id, InetSocketAddress to, StunMessage m) {
        if (closed) {
            return;
        }
        pending.put(id, q);
        written.add(to);
        run.sent();
        socket.send(to, ByteBuffer.wrap(m.bytes()));
    }

    /** The answer will come here, to what another socket sends. */
    void expect(Question q, ByteBuffer id) {
        if (!closed) {
            pending.put(id, q);
        }
    }

    void forget(Set<ByteBuffer> ids) {
        pending.keySet().removeAll(ids);
    }

    /** Endpoints that this socket wrote to. Any thread. */
    Set<InetSocketAddress> written() {
        return written;
    }

    boolean wroteTo(InetAddress ip) {
        return written.stream().anyMatch(a -> a.getAddress().equals(ip));
    }

    void close() {
        closed = true;
        pending.clear();
        socket.close();
    }
}
