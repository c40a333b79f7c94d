// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Two ends of a way for datagrams in this process, as good or bad as is asked for. */
public final class FlowPair implements AutoCloseable {
    /** Beyond it datagrams are dropped, as in a router. */
    private static final int QUEUE = 1_000;

    /**
     * What happens to each datagram.
     *
     * @param loss chance from 0 to 1
     * @param repeat chance that it comes twice
     * @param late chance that it comes up to 5 ms after its turn
     */
    public record Faults(double loss, double repeat, double late) {
        public static final Faults NONE = new Faults(0, 0, 0);
    }

    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    r -> {
                        Thread t = new Thread(r, "flow-pair");
                        t.setDaemon(true);
                        return t;
                    });
    private final Random random;
    private final Faults faults;
    private final End a;
    private final End b;

    public FlowPair(long seed, Faults faults) {
        random = new Random(seed);
        this.faults = faults;
        a = new End(4001);
        b = new End(4002);
        a.other = b;
        b.other = a;
    }

    public End a() {
        return a;
    }

    public End b() {
        return b;
    }

    /** One end. */
    public final class End implements DatagramFlow {
        private final InetSocketAddress local;
        private final AtomicInteger queued = new AtomicInteger();
        public final AtomicLong sent = new AtomicLong();
        private End other;
        private volatile UdpSocket.Handler handler;
        private volatile boolean closed;
        private volatile byte[] last = {};

        End(int port) {
            local = new InetSocketAddress("192.0.2.1", port);
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
        public void start(UdpSocket.Handler h) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            handler = h;
        }

        public boolean started() {
            return handler != null;
        }

        public boolean isClosed() {
            return closed;
        }

        /** What this end sent last. */
        public byte[] last() {
            return last.clone();
        }

        @Override
        public boolean send(ByteBuffer datagram) {
            if (closed) {
                return false;
            }
            byte[] copy = new byte[datagram.remaining()];
            datagram.get(copy);
            sent.incrementAndGet();
            last = copy;
            int times;
            boolean late;
            synchronized (random) {
                times = random.nextDouble() < faults.loss() ? 0 : 1;
                times += random.nextDouble() < faults.repeat() ? 1 : 0;
                late = random.nextDouble() < faults.late();
            }
            for (int i = 0; i < times; i++) {
                other.bring(copy, late);
            }
            return true;
        }

        private void bring(byte[] datagram, boolean late) {
            if (queued.incrementAndGet() > QUEUE) {
                queued.decrementAndGet();
                return;
            }
            Runnable come =
                    () -> {
                        queued.decrementAndGet();
                        take(datagram);
                    };
            try {
                if (late) {
                    int us;
                    synchronized (random) {
                        us = random.nextInt(5_000);
                    }
                    thread.schedule(come, us, TimeUnit.MICROSECONDS);
                } else {
                    thread.execute(come);
                }
            } catch (RejectedExecutionException e) {
                queued.decrementAndGet();
            }
        }

        private void take(byte[] datagram) {
            UdpSocket.Handler h = handler;
            if (h != null && !closed) {
                h.datagram(remote(), ByteBuffer.wrap(datagram.clone()));
            }
        }

        /** Something comes in as if the other end had sent it. */
        public void inject(byte[] datagram) {
            thread.execute(() -> take(datagram));
        }

        @Override
        public void close() {
            closed = true;
        }

        /** The socket below is gone. */
        public void breakDown() {
            closed = true;
            UdpSocket.Handler h = handler;
            if (h != null) {
                thread.execute(h::closed);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
