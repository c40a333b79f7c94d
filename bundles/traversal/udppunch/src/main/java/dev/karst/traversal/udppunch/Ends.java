// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.lib.ice.CandidateType;
import dev.karst.lib.ice.IceAgent;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PunchSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The local ends: sockets by number, whose datagrams go to the agent on the attempt's executor.
 * Used there only.
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

    Ends(Attempt attempt, Taker taker) {
        this.attempt = attempt;
        this.taker = taker;
    }

    boolean none() {
        return sockets.isEmpty();
    }

    PunchSocket get(int number) {
        return sockets.get(number);
    }

    void add(PunchSocket socket, CandidateType type, IceAgent agent) {
        int number = sockets.size();
        sockets.add(socket);
        InetSocketAddress local = socket.local();
        agent.addLocal(number, type, local, Places.preference(local));
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
                attempt.scope().count("udppunch.overrun");
                return;
            }
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            attempt.scope()
                    .executor()
                    .execute(
                            () -> {
                                waiting.decrementAndGet();
                                taker.take(number, from, copy);
                            });
        }
    }

    void send(int number, InetSocketAddress to, byte[] stun) {
        if (!sockets.get(number).send(to, ByteBuffer.wrap(stun))) {
            attempt.scope().count("udppunch.not-sent");
        }
    }

    /** Closes all but the one that goes on. */
    void close(PunchSocket kept) {
        sockets.stream().filter(s -> s != kept).forEach(UdpSocket::close);
    }
}
