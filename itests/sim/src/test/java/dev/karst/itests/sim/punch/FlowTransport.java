// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import dev.karst.Endpoint;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathAcceptor;
import dev.karst.spi.transport.PathHandler;
import dev.karst.spi.transport.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Frames over datagrams, reliable and in order by going back to what was not acknowledged: for the
 * simulator, in place of QUIC, which is native code.
 */
final class FlowTransport implements Transport {
    private static final int FRAME = 1_200;
    private static final int WINDOW = 64;
    private static final int QUEUE = 256;
    private static final Duration AGAIN = Duration.ofMillis(250);
    private static final byte DATA = 4; // not 0 to 3, where STUN is
    private static final byte ACK = 5;
    private static final byte END = 6;

    @Override
    public CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope) {
        return CompletableFuture.failedStage(new UnsupportedOperationException());
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to, Scope scope) {
        return CompletableFuture.failedStage(new UnsupportedOperationException());
    }

    @Override
    public CompletionStage<Path> over(DatagramFlow flow, boolean client, Scope scope) {
        return CompletableFuture.completedFuture(new FlowPath(flow, scope));
    }

    private static final class FlowPath implements Path, UdpSocket.Handler {
        private final DatagramFlow flow;
        private final Scope scope;
        private final ArrayDeque<byte[]> unacknowledged = new ArrayDeque<>();
        private PathHandler handler;
        private Subscription timer = () -> {};
        private int first; // number of the oldest that is not acknowledged
        private int expected;
        private int sent; // how many of the queue were sent once
        private boolean full;
        private boolean over;

        FlowPath(DatagramFlow flow, Scope scope) {
            this.flow = flow;
            this.scope = scope;
            scope.onCancel(this::close);
        }

        @Override
        public void start(PathHandler h) {
            handler = h;
            flow.start(this);
            pump();
        }

        @Override
        public boolean send(int lane, ByteBuffer frame) {
            if (over) {
                return false;
            }
            byte[] copy = new byte[frame.remaining()];
            frame.get(copy);
            unacknowledged.add(copy);
            pump();
            full = unacknowledged.size() > QUEUE;
            return !full;
        }

        private void pump() {
            int number = first;
            int i = 0;
            for (byte[] f : unacknowledged) {
                if (i >= sent && i < WINDOW) {
                    flow.send(message(DATA, number, f));
                    sent = i + 1;
                }
                i++;
                number++;
            }
            timer.close();
            if (!unacknowledged.isEmpty() && !over) {
                timer =
                        scope.after(
                                AGAIN,
                                () -> {
                                    sent = 0;
                                    pump();
                                });
            }
        }

        private static ByteBuffer message(byte kind, int number, byte[] body) {
            return ByteBuffer.allocate(5 + body.length).put(kind).putInt(number).put(body).flip();
        }

        @Override
        public void datagram(InetSocketAddress from, ByteBuffer bytes) {
            if (over || bytes.remaining() < 5) {
                return;
            }
            byte kind = bytes.get();
            int number = bytes.getInt();
            if (kind == DATA) {
                if (number == expected) {
                    expected++;
                    handler.frame(bytes);
                }
                flow.send(message(ACK, expected, new byte[0]));
            } else if (kind == ACK) {
                while (first < number && !unacknowledged.isEmpty()) {
                    unacknowledged.poll();
                    first++;
                    sent--;
                }
                sent = Math.max(0, sent);
                pump();
                if (full && unacknowledged.size() < WINDOW) {
                    full = false;
                    handler.writable();
                }
            } else if (kind == END) {
                end("the peer ended it");
            }
        }

        @Override
        public void closed() {
            end("the flow is over");
        }

        private void end(String why) {
            if (!over) {
                over = true;
                timer.close();
                flow.close();
                if (handler != null) {
                    handler.closed(why);
                }
            }
        }

        @Override
        public Endpoint local() {
            return endpoint(flow.local());
        }

        @Override
        public Endpoint remote() {
            return endpoint(flow.remote());
        }

        private static Endpoint endpoint(InetSocketAddress a) {
            return Endpoint.of("flow", a.getAddress().getHostAddress(), a.getPort());
        }

        @Override
        public int maxFrame() {
            return FRAME;
        }

        @Override
        public boolean reliable() {
            return true;
        }

        @Override
        public void receiving(boolean on) {}

        @Override
        public void close() {
            if (!over) {
                flow.send(message(END, 0, new byte[0]));
                scope.executor().execute(() -> end("closed here"));
            }
        }
    }
}
