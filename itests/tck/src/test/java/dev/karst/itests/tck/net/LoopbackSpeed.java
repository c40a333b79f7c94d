// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import static dev.karst.itests.tck.net.LocalWorld.get;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import dev.karst.transport.tcp.TcpTransport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** Run by hand: what one connection on loopback carries. No test; times are no business of one. */
final class LoopbackSpeed {
    private static final long BYTES = 2L << 30;
    private static final int ROUND_TRIPS = 100_000;

    private final LocalWorld world = LocalWorld.netty();
    private final Scope scope = world.scope();
    private final AtomicLong received = new AtomicLong();
    private final Semaphore room = new Semaphore(0);

    private LoopbackSpeed() {}

    public static void main(String[] args) throws Exception {
        LoopbackSpeed s = new LoopbackSpeed();
        for (int round = 0; round < 3; round++) {
            s.stream(16 * 1024);
            s.frames(16 * 1024);
            s.echo();
        }
        s.world.close();
    }

    private interface Sink {
        boolean write(ByteBuffer b);
    }

    private void pour(String what, int size, Sink sink) throws InterruptedException {
        received.set(0);
        room.drainPermits();
        byte[] part = new byte[size];
        long began = System.nanoTime();
        for (long sent = 0; sent < BYTES; sent += size) {
            if (!sink.write(ByteBuffer.wrap(part))) {
                room.acquire();
            }
        }
        while (received.get() < BYTES) {
            Thread.onSpinWait();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf("%s of %d bytes: %.0f MiB/s%n", what, size, (BYTES >> 20) / seconds);
    }

    private TcpListener listen(java.util.function.Consumer<TcpSocket> to) {
        return get(
                scope.network()
                        .listenTcp(new InetSocketAddress("127.0.0.1", 0), s -> to.accept(s)));
    }

    private abstract static class Sock implements TcpHandler {
        @Override
        public void closed(Optional<Throwable> why) {}
    }

    private void stream(int size) throws Exception {
        TcpListener l =
                listen(
                        s ->
                                s.start(
                                        new Sock() {
                                            @Override
                                            public void bytes(ByteBuffer b) {
                                                received.addAndGet(b.remaining());
                                            }
                                        }));
        TcpSocket a = get(scope.network().connectTcp(l.local()));
        a.start(
                new Sock() {
                    @Override
                    public void bytes(ByteBuffer b) {}

                    @Override
                    public void writable() {
                        room.release();
                    }
                });
        pour("stream", size, a::write);
        a.abort();
        l.close();
    }

    private final class Ear implements PathHandler {
        @Override
        public void frame(ByteBuffer frame) {
            received.addAndGet(frame.remaining());
        }

        @Override
        public void writable() {
            room.release();
        }

        @Override
        public void closed(String why) {}
    }

    private void frames(int size) throws Exception {
        TcpTransport tcp = new TcpTransport();
        Listening l =
                get(
                        tcp.listen(
                                Endpoint.parse("tcp://127.0.0.1:0"),
                                p -> p.start(new Ear()),
                                scope));
        Path p = get(tcp.dial(l.endpoint(), scope));
        p.start(new Ear());
        pour("frames", size, b -> p.send(0, b));
        p.close();
        l.close();
    }

    private void echo() throws Exception {
        TcpListener l =
                listen(
                        s ->
                                s.start(
                                        new Sock() {
                                            @Override
                                            public void bytes(ByteBuffer b) {
                                                s.write(b);
                                            }
                                        }));
        TcpSocket a = get(scope.network().connectTcp(l.local()));
        long[] nanos = new long[ROUND_TRIPS];
        CountDownLatch done = new CountDownLatch(1);
        a.start(
                new Sock() {
                    private long began = System.nanoTime();
                    private int n;

                    @Override
                    public void bytes(ByteBuffer b) {
                        long now = System.nanoTime();
                        nanos[n++] = now - began;
                        began = now;
                        if (n < ROUND_TRIPS) {
                            a.write(b);
                        } else {
                            done.countDown();
                        }
                    }
                });
        a.write(ByteBuffer.allocate(64));
        done.await();
        Arrays.sort(nanos);
        System.out.printf(
                "echo of 64 bytes: p50 %.1f, p99 %.1f microseconds%n",
                nanos[ROUND_TRIPS / 2] / 1e3, nanos[ROUND_TRIPS * 99 / 100] / 1e3);
        a.abort();
        l.close();
    }
}
