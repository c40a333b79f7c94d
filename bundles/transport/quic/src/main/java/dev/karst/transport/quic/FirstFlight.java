// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends the first datagrams again while nothing came in. Two peers that punched begin QUIC some
 * milliseconds apart, and what comes to the one who is late is lost; QUIC itself would wait a
 * second (RFC 9002, section 6.2.2). In the loop.
 */
final class FirstFlight {
    private static final int[] AGAIN_MS = {50, 100, 200, 400};
    private static final int MOST = 4;

    private final EventLoop loop;
    private final Consumer<ByteBuffer> to;
    private final List<ByteBuffer> flight = new ArrayList<>();
    private int repeats;
    private boolean heard;

    /** For the side that answers: repeats nothing. */
    FirstFlight() {
        this(null, d -> {});
        heard = true;
    }

    FirstFlight(EventLoop loop, Consumer<ByteBuffer> to) {
        this.loop = loop;
        this.to = to;
    }

    void sent(ByteBuffer datagram) {
        if (heard || flight.size() == MOST) {
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(datagram.remaining());
        flight.add(copy.put(datagram.duplicate()).flip());
        if (flight.size() == 1) {
            later();
        }
    }

    private void later() {
        if (repeats < AGAIN_MS.length) {
            loop.schedule(this::again, AGAIN_MS[repeats++], TimeUnit.MILLISECONDS);
        }
    }

    private void again() {
        if (!heard) {
            flight.forEach(d -> to.accept(d.duplicate()));
            later();
        }
    }

    /** Something came in, or it is over. */
    void heard() {
        heard = true;
        flight.clear();
    }
}
