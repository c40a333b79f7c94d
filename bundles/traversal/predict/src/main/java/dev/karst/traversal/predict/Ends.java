// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PunchSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sockets of one round by number; their datagrams go to the attempt's executor, and all else is
 * done there.
 */
final class Ends {
    private static final int WAITING = 256;

    /** Takes a datagram on the attempt's executor. */
    interface Taker {
        void take(int socket, InetSocketAddress from, ByteBuffer datagram);
    }

    private final Attempt attempt;
    private final Taker taker;
    private final List<PunchSocket> sockets = new ArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private PunchSocket kept;
    private boolean over;

    Ends(Attempt attempt, Taker taker) {
        this.attempt = attempt;
        this.taker = taker;
    }

    int count() {
        return sockets.size();
    }

    PunchSocket get(int number) {
        return sockets.get(number);
    }

    /** Takes a socket that was bound; where all is over it is closed again. */
    void add(PunchSocket socket) {
        if (over) {
            socket.close();
            return;
        }
        int number = sockets.size();
        sockets.add(socket);
        socket.start(new Ear(number));
    }

    /** Copies what comes to the executor; more than waits there already is dropped. */
    private final class Ear implements UdpSocket.Handler {
        private final int number;

        Ear(int number) {
            this.number = number;
        }

        @Override
        public void datagram(InetSocketAddress from, ByteBuffer bytes) {
            if (waiting.incrementAndGet() > WAITING) {
                waiting.decrementAndGet();
                attempt.scope().count("predict.overrun");
                return;
            }
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            attempt.scope()
                    .executor()
                    .execute(
                            () -> {
                                waiting.decrementAndGet();
                                if (!over || sockets.get(number) == kept) {
                                    taker.take(number, from, copy);
                                }
                            });
        }
    }

    boolean send(int number, InetSocketAddress to, byte[] stun) {
        PunchSocket s = sockets.get(number);
        boolean sent = (!over || s == kept) && s.send(to, ByteBuffer.wrap(stun));
        if (!sent) {
            attempt.scope().count("predict.not-sent");
        }
        return sent;
    }

    /** Closes all but the one that goes on, by which the peer may still ask. */
    void close(PunchSocket last) {
        over = true;
        kept = last;
        sockets.stream().filter(s -> s != kept).forEach(UdpSocket::close);
    }
}
