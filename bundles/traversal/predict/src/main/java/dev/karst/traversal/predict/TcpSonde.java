// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The same by TCP: connects from a chosen port and asks. The connection stays open until it is
 * closed, so that no FIN makes the NAT forget what was learnt.
 */
final class TcpSonde implements TcpHandler {
    private static final int LARGEST = 1_280;
    private static final Duration LIMIT = Duration.ofMillis(1_500);

    private final Scope scope;
    private final Consumer<Optional<InetSocketAddress>> seen;
    private final StunFramer framer = new StunFramer(LARGEST, false); // network thread
    private final byte[] id = new byte[12];
    private TcpSocket socket;
    private boolean told;
    private boolean closed;

    /**
     * @param seen told once, on the executor
     */
    TcpSonde(Scope scope, Consumer<Optional<InetSocketAddress>> seen) {
        this.scope = scope;
        this.seen = seen;
        scope.secureRandom().nextBytes(id);
    }

    void ask(InetSocketAddress local, InetSocketAddress server) {
        scope.after(LIMIT, () -> tell(Optional.empty()));
        scope.network()
                .connectTcp(local, server)
                .whenComplete((s, e) -> scope.executor().execute(() -> connected(s)));
    }

    private void connected(TcpSocket s) {
        if (s == null || closed) {
            if (s != null) {
                s.abort();
            }
            tell(Optional.empty());
            return;
        }
        socket = s;
        s.start(this);
        StunMessage m = StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id).build();
        s.write(ByteBuffer.wrap(m.bytes()));
    }

    @Override
    public void bytes(ByteBuffer bytes) {
        if (framer.problem().isPresent()) {
            return;
        }
        for (byte[] each : framer.feed(bytes)) {
            StunMessage.decode(ByteBuffer.wrap(each), LARGEST, false)
                    .message()
                    .filter(m -> m.kind() == StunClass.SUCCESS)
                    .filter(m -> Arrays.equals(m.transactionId(), id))
                    .flatMap(m -> m.get(StunAttributes.XOR_MAPPED_ADDRESS))
                    .ifPresent(a -> scope.executor().execute(() -> tell(Optional.of(a))));
        }
    }

    @Override
    public void closed(Optional<Throwable> why) {
        scope.executor().execute(() -> tell(Optional.empty()));
    }

    private void tell(Optional<InetSocketAddress> what) {
        if (!told) {
            told = true;
            seen.accept(what);
        }
    }

    void close() {
        closed = true;
        told = true;
        if (socket != null) {
            socket.abort();
        }
    }
}
