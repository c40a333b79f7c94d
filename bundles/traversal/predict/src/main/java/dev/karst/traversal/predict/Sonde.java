// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.spi.traversal.Attempt;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks a STUN server how it sees a socket. The server is asked again, and no other one: another
 * destination would be another mapping, and move what is to be predicted. On the attempt's
 * executor.
 */
final class Sonde {
    private static final int MAX_DATAGRAM = 1_280;
    private static final long[] AGAIN_MILLIS = {150, 400, 800};
    private static final Duration LIMIT = Duration.ofMillis(1_300);

    private final Attempt attempt;
    private final Ends ends;
    private final Map<ByteBuffer, Consumer<Optional<InetSocketAddress>>> waiting = new HashMap<>();

    Sonde(Attempt attempt, Ends ends) {
        this.attempt = attempt;
        this.ends = ends;
    }

    /**
     * Asks.
     *
     * @param seen told once: the external address, or nothing if the server keeps silent
     */
    void ask(int socket, InetSocketAddress server, Consumer<Optional<InetSocketAddress>> seen) {
        byte[] id = new byte[12];
        attempt.scope().secureRandom().nextBytes(id);
        byte[] request =
                StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id).build().bytes();
        ByteBuffer key = ByteBuffer.wrap(id);
        waiting.put(key, seen);
        ends.send(socket, server, request);
        for (long ms : AGAIN_MILLIS) {
            attempt.scope()
                    .after(
                            Duration.ofMillis(ms),
                            () -> {
                                if (waiting.containsKey(key)) {
                                    ends.send(socket, server, request);
                                }
                            });
        }
        attempt.scope().after(LIMIT, () -> told(key, Optional.empty()));
    }

    private void told(ByteBuffer key, Optional<InetSocketAddress> seen) {
        Consumer<Optional<InetSocketAddress>> who = waiting.remove(key);
        if (who != null) {
            who.accept(seen);
        }
    }

    /** Takes a datagram if it is an answer to one of these questions. */
    boolean take(ByteBuffer datagram) {
        if (datagram.remaining() < StunMessage.HEADER || (datagram.get(0) & 0x01) == 0) {
            return false; // not an answer
        }
        byte[] id = new byte[12];
        datagram.get(8, id);
        ByteBuffer key = ByteBuffer.wrap(id);
        if (!waiting.containsKey(key)) {
            return false;
        }
        StunMessage.decode(datagram, MAX_DATAGRAM, false)
                .message()
                .filter(m -> m.kind() == StunClass.SUCCESS)
                .flatMap(m -> m.get(StunAttributes.XOR_MAPPED_ADDRESS))
                .ifPresent(a -> told(key, Optional.of(a)));
        return true;
    }
}
