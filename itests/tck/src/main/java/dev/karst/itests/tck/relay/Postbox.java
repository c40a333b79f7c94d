// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what a socket received. */
final class Postbox implements UdpSocket.Handler {
    private final BlockingQueue<Letter> letters = new LinkedBlockingQueue<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();

    /** A datagram. */
    record Letter(InetSocketAddress from, byte[] bytes) {
        @Override
        public String toString() {
            return bytes.length + " bytes of " + from;
        }
    }

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        if (closed.get() > 0) {
            late.incrementAndGet();
        }
        letters.add(new Letter(from, copy));
    }

    @Override
    public void closed() {
        closed.incrementAndGet();
    }

    /** The next one within five seconds. */
    Letter next() throws InterruptedException {
        Letter out = letters.poll(5, TimeUnit.SECONDS);
        if (out == null) {
            throw new AssertionError("no datagram came");
        }
        return out;
    }

    /** The next one within that time; null if there is none. */
    Letter next(long millis) throws InterruptedException {
        return letters.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** How often it was told the end. */
    int ends() {
        return closed.get();
    }

    /** Calls after the last one. */
    int late() {
        return late.get();
    }
}
