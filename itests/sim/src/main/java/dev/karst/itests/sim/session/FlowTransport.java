// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

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
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Frames over datagrams, reliable and in order by selective repeat: for the simulator, in place of
 * QUIC, which is native code. As there, one side begins, and the other takes who names it. Each
 * datagram begins with its kind, the names that sender and receiver gave the connection (0 = not
 * known yet), and a number. By the names, what a former connection of the same two addresses sent
 * late is not taken for this one's.
 *
 * <pre>
 * 4 | number of the frame, int | the frame
 * 5 | number of the first frame that is missing, int | which of the 64 after it are there, long
 * 6 | how many frames there were, int: the end
 * </pre>
 */
public final class FlowTransport implements Transport {
    private static final int FRAME = 1_200;
    private static final int HEADER = 13;
    private static final int WINDOW = 128;
    private static final int QUEUE = 256;
    private static final int GAP = 8;
    private static final int ENDS = 3;
    private static final Duration AGAIN = Duration.ofMillis(250);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
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
        return CompletableFuture.completedFuture(new FlowPath(flow, client, scope));
    }

    private static final class Sent {
        final byte[] frame;
        long at;

        Sent(byte[] frame, long at) {
            this.frame = frame;
            this.at = at;
        }
    }

    private static final class FlowPath implements Path, UdpSocket.Handler {
        private final DatagramFlow flow;
        private final boolean client;
        private final Scope scope;
        private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        private final TreeMap<Integer, Sent> unacknowledged = new TreeMap<>();
        private final Map<Integer, byte[]> early = new HashMap<>();
        private PathHandler handler;
        private Subscription timer = () -> {};
        private final int mine;
        private int yours;
        private int next; // number of the next frame out
        private int expected; // number of the next frame in
        private boolean started;
        private boolean known; // the other side named us
        private int last = Integer.MAX_VALUE; // how many frames come in
        private boolean full;
        private boolean closing;
        private boolean over;

        FlowPath(DatagramFlow flow, boolean client, Scope scope) {
            this.flow = flow;
            this.client = client;
            this.scope = scope;
            this.mine = 1 + scope.random().nextInt(Integer.MAX_VALUE - 1);
            scope.onCancel(this::leave);
        }

        @Override
        public void start(PathHandler h) {
            handler = h;
            started = true;
            flow.start(this);
            pump();
        }

        @Override
        public boolean send(int lane, ByteBuffer frame) {
            if (over || closing) {
                return false;
            }
            byte[] copy = new byte[frame.remaining()];
            frame.get(copy);
            waiting.add(copy);
            pump();
            full |= waiting.size() + unacknowledged.size() > QUEUE; // until told otherwise
            return !full;
        }

        private void pump() {
            boolean idle = unacknowledged.isEmpty();
            int limit = idle ? next + WINDOW : unacknowledged.firstKey() + WINDOW;
            while (!waiting.isEmpty() && next < limit && started) {
                Sent s = new Sent(waiting.poll(), 0);
                unacknowledged.put(next, s);
                transmit(next++, s);
            }
            if (idle && !unacknowledged.isEmpty()) {
                watch();
            }
        }

        private void transmit(int number, Sent s) {
            s.at = scope.nanoTime();
            flow.send(message(DATA, number, s.frame));
        }

        private void watch() {
            timer.close();
            if (!unacknowledged.isEmpty() && !over) {
                timer = scope.after(AGAIN, this::silent);
            }
        }

        /** Nothing was acknowledged for a while. */
        private void silent() {
            int most = GAP;
            for (Map.Entry<Integer, Sent> e : unacknowledged.entrySet()) {
                if (most-- > 0) {
                    transmit(e.getKey(), e.getValue());
                }
            }
            watch();
        }

        private ByteBuffer message(byte kind, int number, byte[] body) {
            return ByteBuffer.allocate(HEADER + body.length)
                    .put(kind)
                    .putInt(mine)
                    .putInt(yours)
                    .putInt(number)
                    .put(body)
                    .flip();
        }

        @Override
        public void datagram(InetSocketAddress from, ByteBuffer bytes) {
            if (over || bytes.remaining() < HEADER) {
                return;
            }
            byte kind = bytes.get();
            int theirs = bytes.getInt();
            int me = bytes.getInt();
            boolean begins = kind == DATA && me == 0 && !client;
            boolean other = yours != 0 && theirs != yours;
            if (me != mine && !begins || other && known) {
                return;
            }
            if (other) {
                anew(); // who began before was of a former connection
            }
            known |= me == mine;
            yours = theirs;
            int number = bytes.getInt();
            if (kind == DATA) {
                data(number, bytes);
            } else if (kind == ACK && bytes.remaining() == 8) {
                acknowledged(number, bytes.getLong());
            } else if (kind == END) {
                last = number;
                scope.after(LAST_WORDS, () -> end("the peer ended it"));
                endIfAllCame();
            }
        }

        private void anew() {
            expected = 0;
            next = 0;
            early.clear();
            unacknowledged.clear();
        }

        private void endIfAllCame() {
            if (expected - last >= 0) {
                end("the peer ended it");
            }
        }

        private void data(int number, ByteBuffer frame) {
            if (number > expected && number <= expected + 2 * WINDOW) {
                byte[] copy = new byte[frame.remaining()];
                frame.get(copy);
                early.putIfAbsent(number, copy);
            } else if (number == expected) {
                expected++;
                handler.frame(frame);
                for (byte[] f = early.remove(expected); f != null; f = early.remove(expected)) {
                    expected++;
                    handler.frame(ByteBuffer.wrap(f));
                }
            }
            long there = 0;
            for (int i = 0; i < 64; i++) {
                there |= early.containsKey(expected + 1 + i) ? 1L << i : 0;
            }
            byte[] bits = ByteBuffer.allocate(8).putLong(there).array();
            flow.send(message(ACK, expected, bits));
            endIfAllCame();
        }

        private void acknowledged(int missing, long there) {
            boolean news = !unacknowledged.headMap(missing).isEmpty();
            unacknowledged.headMap(missing).clear();
            for (int i = 0; i < 64; i++) {
                if ((there & 1L << i) != 0) {
                    news |= unacknowledged.remove(missing + 1 + i) != null;
                }
            }
            // What was sent so long before what arrived is lost; once in a while.
            int reached = missing + 64 - Long.numberOfLeadingZeros(there);
            long now = scope.nanoTime();
            unacknowledged
                    .headMap(Math.max(missing, reached - GAP))
                    .forEach(
                            (n, s) -> {
                                if (now - s.at > AGAIN.toNanos() / 2) {
                                    transmit(n, s);
                                }
                            });
            pump();
            if (closing && allArrived()) {
                leave();
                return;
            }
            if (news) {
                watch();
            }
            if (full && waiting.isEmpty() && unacknowledged.size() < WINDOW / 2) {
                full = false;
                handler.writable();
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

        private boolean allArrived() {
            return waiting.isEmpty() && unacknowledged.isEmpty();
        }

        /** What was sent arrives before the end, unless that takes too long. */
        @Override
        public void close() {
            if (closing || over) {
                return;
            }
            closing = true;
            scope.after(LAST_WORDS, this::leave);
            if (allArrived()) {
                scope.executor().execute(this::leave);
            }
        }

        private void leave() {
            if (!over) {
                for (int i = 0; i < ENDS; i++) { // nobody asks for it again
                    flow.send(message(END, next, new byte[0]));
                }
                end("closed here");
            }
        }
    }
}
