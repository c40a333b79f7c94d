// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.Endpoint;
import dev.karst.core.Counters;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.RealWorld;
import dev.karst.net.netty.NettyDriver;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import dev.karst.spi.transport.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The two ends of a bare path over loopback, each in a world of its own, without sessions above.
 */
final class PathEnds implements AutoCloseable {
    private final CoreScope ours;
    private final CoreScope theirs;
    private final Path from;
    private final Semaphore writable = new Semaphore(0);
    private final Sink sink = new Sink();

    /** One node's sockets and threads. */
    static final class World implements AutoCloseable {
        private final Counters counters = new Counters();
        private final RealWorld real = new RealWorld(counters);
        private final NettyDriver driver;

        World() throws ReflectiveOperationException {
            var constructor = NettyDriver.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            driver = constructor.newInstance(1);
            real.coreNetwork().driver(driver);
        }

        CoreScope scope() {
            return new CoreScope(real, real.lane("bench"), counters, Instant.MAX);
        }

        @Override
        public void close() {
            real.close();
            driver.stop();
        }
    }

    /** Counts. */
    private static final class Sink implements PathHandler {
        private long got;
        private volatile long expected = Long.MAX_VALUE;
        private volatile CountDownLatch done = new CountDownLatch(0);

        @Override
        public void frame(ByteBuffer frame) {
            got += frame.remaining();
            if (got >= expected) {
                expected = Long.MAX_VALUE;
                got = 0;
                done.countDown();
            }
        }

        @Override
        public void writable() {}

        @Override
        public void closed(String why) {}
    }

    private PathEnds(CoreScope ours, CoreScope theirs, Path from, Path to) {
        this.ours = ours;
        this.theirs = theirs;
        this.from = from;
        to.start(sink);
        from.start(
                new PathHandler() {
                    @Override
                    public void frame(ByteBuffer frame) {}

                    @Override
                    public void writable() {
                        writable.release();
                    }

                    @Override
                    public void closed(String why) {
                        writable.release();
                    }
                });
    }

    /** Over a listener. */
    static PathEnds dialled(World a, World b, Transport t, String listen) throws Exception {
        CoreScope ours = a.scope();
        CoreScope theirs = b.scope();
        CompletableFuture<Path> accepted = new CompletableFuture<>();
        Listening l = get(t.listen(Endpoint.parse(listen), accepted::complete, theirs));
        return new PathEnds(ours, theirs, get(t.dial(l.endpoint(), ours)), get(accepted));
    }

    /** Over two UDP sockets. */
    static PathEnds overUdp(World a, World b, Transport t) throws Exception {
        CoreScope ours = a.scope();
        CoreScope theirs = b.scope();
        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
        UdpSocket s = get(ours.network().bindUdp(any));
        UdpSocket r = get(theirs.network().bindUdp(any));
        CompletionStage<Path> to = t.over(flow(r, s.local()), false, theirs);
        CompletionStage<Path> from = t.over(flow(s, r.local()), true, ours);
        return new PathEnds(ours, theirs, get(from), get(to));
    }

    /** All that a socket gets, as if it came from one end. */
    static DatagramFlow flow(UdpSocket s, InetSocketAddress remote) {
        return new DatagramFlow() {
            @Override
            public InetSocketAddress local() {
                return s.local();
            }

            @Override
            public InetSocketAddress remote() {
                return remote;
            }

            @Override
            public void start(UdpSocket.Handler handler) {
                s.start(handler);
            }

            @Override
            public boolean send(ByteBuffer datagram) {
                return s.send(remote, datagram);
            }

            @Override
            public void close() {
                s.close();
            }
        };
    }

    /** MiB per second for {@code total} bytes in frames of {@code size}, from this thread. */
    double stream(int size, long total) throws Exception {
        sink.done = new CountDownLatch(1);
        sink.expected = total;
        byte[] frame = new byte[size];
        writable.drainPermits();
        long began = System.nanoTime();
        for (long sent = 0; sent < total; sent += size) {
            if (!from.send(0, ByteBuffer.wrap(frame))
                    && !writable.tryAcquire(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("never writable again");
            }
        }
        if (!sink.done.await(120, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the transfer hangs");
        }
        return total / (1024.0 * 1024) / ((System.nanoTime() - began) * 1e-9);
    }

    @Override
    public void close() {
        from.close();
        ours.cancel();
        theirs.cancel();
    }

    private static <T> T get(CompletionStage<T> s) throws Exception {
        return s.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
