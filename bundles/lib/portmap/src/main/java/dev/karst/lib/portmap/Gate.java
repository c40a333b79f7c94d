// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Lets pass, from the network thread to the provider's, what may come from the gateway. The rest is
 * counted: {@code .wrong-source}, {@code .oversized}, {@code .flood}.
 */
final class Gate implements UdpSocket.Handler {
    /** RFC 6887 section 7; NAT-PMP has 16 bytes at most. */
    static final int LARGEST = 1100;

    private static final int MOST_WAITING = 16;

    private final Scope scope;
    private final String name;
    private final Predicate<InetSocketAddress> from;
    private final Consumer<ByteBuffer> to;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * Builds it.
     *
     * @param name what counters begin with
     * @param to called on the scope's executor
     */
    Gate(Scope scope, String name, Predicate<InetSocketAddress> from, Consumer<ByteBuffer> to) {
        this.scope = scope;
        this.name = name;
        this.from = from;
        this.to = to;
    }

    @Override
    public void datagram(InetSocketAddress source, ByteBuffer bytes) {
        if (!from.test(source)) {
            scope.count(name + ".wrong-source");
        } else if (bytes.remaining() > LARGEST) {
            scope.count(name + ".oversized");
        } else if (waiting.get() >= MOST_WAITING) {
            scope.count(name + ".flood");
        } else {
            waiting.incrementAndGet();
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            scope.executor()
                    .execute(
                            () -> {
                                waiting.decrementAndGet();
                                to.accept(ByteBuffer.wrap(copy));
                            });
        }
    }
}
