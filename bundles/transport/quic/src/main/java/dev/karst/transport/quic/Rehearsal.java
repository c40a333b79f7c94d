// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A connection to ourselves, in memory: what the first real one would load and make, some hundred
 * milliseconds of work, is there afterwards.
 */
final class Rehearsal {
    private static final int BYTES = 1_000;

    private final Scope scope;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Rehearsal(Scope scope) {
        this.scope = scope;
    }

    /** One end: what is sent is told to the other's handler, as from a network. */
    private final class End implements DatagramFlow {
        private final InetSocketAddress local;
        private End other;
        private UdpSocket.Handler handler;
        private boolean over;

        End(int port) {
            local = new InetSocketAddress("127.0.0.1", port);
        }

        @Override
        public InetSocketAddress local() {
            return local;
        }

        @Override
        public InetSocketAddress remote() {
            return other.local;
        }

        @Override
        public synchronized void start(UdpSocket.Handler h) {
            handler = h;
        }

        @Override
        public boolean send(ByteBuffer datagram) {
            ByteBuffer copy = ByteBuffer.allocate(datagram.remaining()).put(datagram).flip();
            scope.executor().execute(() -> other.tell(copy));
            return true;
        }

        private void tell(ByteBuffer bytes) {
            UdpSocket.Handler h;
            synchronized (this) {
                h = over ? null : handler;
            }
            if (h != null) {
                h.datagram(other.local, bytes);
            }
        }

        @Override
        public synchronized void close() {
            over = true;
        }
    }

    /** Ends the rehearsal with the first frame that comes, or with the path. */
    private final class Audience implements PathHandler {
        @Override
        public void frame(ByteBuffer frame) {
            done.complete(null);
        }

        @Override
        public void writable() {}

        @Override
        public void closed(String reason) {
            done.complete(null);
        }
    }

    /**
     * Plays.
     *
     * @param transport whose paths are tried
     */
    CompletionStage<Void> play(QuicTransport transport) {
        End asks = new End(1);
        End answers = new End(2);
        asks.other = answers;
        answers.other = asks;
        CompletionStage<Path> in = transport.over(answers, false, scope);
        CompletionStage<Path> out = transport.over(asks, true, scope);
        in.whenComplete((p, e) -> begun(p, e, false));
        out.whenComplete((p, e) -> begun(p, e, true));
        return done;
    }

    private void begun(Path p, Throwable e, boolean speaks) {
        if (e != null) {
            done.completeExceptionally(e);
            return;
        }
        done.whenComplete((v, x) -> p.close());
        p.start(new Audience());
        if (speaks) {
            p.send(0, ByteBuffer.allocate(BYTES));
        }
    }
}
