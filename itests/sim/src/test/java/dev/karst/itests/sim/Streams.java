// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** TCP conversations for tests. */
final class Streams {
    static final Duration LIMIT = Duration.ofMinutes(30);

    private Streams() {}

    /** Keeps what it is told. */
    static class Recorder implements TcpHandler {
        final ByteArrayOutputStream received = new ByteArrayOutputStream();
        final List<String> calls = new ArrayList<>();
        Optional<Throwable> why;

        @Override
        public void bytes(ByteBuffer bytes) {
            byte[] b = new byte[bytes.remaining()];
            bytes.get(b);
            received.writeBytes(b);
        }

        @Override
        public void writable() {
            calls.add("writable");
        }

        @Override
        public void finished() {
            calls.add("finished");
        }

        @Override
        public void closed(Optional<Throwable> reason) {
            calls.add("closed");
            why = reason;
        }

        boolean closed() {
            return why != null;
        }
    }

    /** Bytes from host a to host b, as fast as back pressure lets them. */
    static final class Transfer {
        final Recorder server = new Recorder();
        final ByteArrayOutputStream received = server.received;
        final byte[] sent;
        final Recorder client;
        TcpSocket clientEnd;
        TcpSocket serverEnd;
        private int at;

        Transfer(SimWorld w, int size) {
            this(w, size, 9000);
        }

        Transfer(SimWorld w, int size, int port) {
            sent = new byte[size];
            w.random("payload").nextBytes(sent);
            client =
                    new Recorder() {
                        @Override
                        public void writable() {
                            super.writable();
                            push();
                        }
                    };
            SimHost a = w.host("a");
            SimHost b = w.host("b");
            w.await(
                    b.network()
                            .listenTcp(
                                    b.at(port),
                                    s -> {
                                        serverEnd = s;
                                        s.start(server);
                                    }),
                    LIMIT);
            clientEnd = w.await(a.network().connectTcp(b.at(port)), LIMIT);
            clientEnd.start(client);
            push();
        }

        private void push() {
            boolean more = true;
            while (more && at < sent.length) {
                int n = Math.min(40_000, sent.length - at);
                more = clientEnd.write(ByteBuffer.wrap(sent, at, n));
                at += n;
            }
            if (at == sent.length && more) {
                clientEnd.finish();
                at++;
            }
        }
    }
}
