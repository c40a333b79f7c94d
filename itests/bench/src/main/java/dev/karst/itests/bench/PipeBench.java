// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A pipe over TCP on loopback against plain Netty and Netty with the JDK's TLS 1.3, in turn in one
 * process; medians over rounds. Then the memory of an idle session.
 */
public final class PipeBench {
    private static final ProtocolId SINK = ProtocolId.of("bench/sink");
    private static final ProtocolId ECHO = ProtocolId.of("bench/echo");
    private static final int[] SIZES = {1024, 16 * 1024, 256 * 1024};
    private static final long TOTAL = 256L << 20;
    private static final long SMALL_TOTAL = 64L << 20;
    private static final int ECHOES = 20_000;

    private PipeBench() {}

    public static void main(String[] args) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        double[] vsTls = new double[SIZES.length];
        double[] vsTcp = new double[SIZES.length];
        double echoVsTls;
        try (LocalNode a = new LocalNode();
                LocalNode b = new LocalNode();
                NettyPeer tcp = new NettyPeer(false);
                NettyPeer tls = new NettyPeer(true)) {
            serve(b);
            Peer peer = get(a.node().connect(b.address()));
            System.out.printf("path: %s%n", peer.paths().get(0).crypto());
            System.out.printf(
                    "%-14s %12s %12s %12s%n", "write size", "pipe MiB/s", "TLS MiB/s", "TCP MiB/s");
            for (int s = 0; s < SIZES.length; s++) {
                int size = SIZES[s];
                long total = size <= 1024 ? SMALL_TOTAL : TOTAL;
                List<double[]> rows = new ArrayList<>();
                for (int r = -1; r < rounds; r++) {
                    double[] row = {
                        stream(peer, size, total), tls.stream(size, total), tcp.stream(size, total)
                    };
                    if (r >= 0) {
                        rows.add(row);
                    }
                }
                vsTls[s] = median(rows.stream().mapToDouble(x -> x[0] / x[1]).toArray());
                vsTcp[s] = median(rows.stream().mapToDouble(x -> x[0] / x[2]).toArray());
                System.out.printf(
                        Locale.ROOT,
                        "%-14d %12.0f %12.0f %12.0f   pipe/TLS %.2f  pipe/TCP %.2f%n",
                        size,
                        median(rows.stream().mapToDouble(x -> x[0]).toArray()),
                        median(rows.stream().mapToDouble(x -> x[1]).toArray()),
                        median(rows.stream().mapToDouble(x -> x[2]).toArray()),
                        vsTls[s],
                        vsTcp[s]);
            }
            List<double[]> rows = new ArrayList<>();
            for (int r = -1; r < rounds; r++) {
                double[] row = {p50(echo(peer)), p50(tls.echo(ECHOES)), p50(tcp.echo(ECHOES))};
                if (r >= 0) {
                    rows.add(row);
                }
            }
            echoVsTls = median(rows.stream().mapToDouble(x -> x[0] / x[1]).toArray());
            System.out.printf(
                    Locale.ROOT,
                    "64-byte echo, p50 us: pipe %.1f  TLS %.1f  TCP %.1f   pipe/TLS %.2f%n",
                    median(rows.stream().mapToDouble(x -> x[0]).toArray()),
                    median(rows.stream().mapToDouble(x -> x[1]).toArray()),
                    median(rows.stream().mapToDouble(x -> x[2]).toArray()),
                    echoVsTls);
        }
        double idle = idleSession(100);
        System.out.printf(Locale.ROOT, "idle session: %.1f KiB of heap, one end of it%n", idle);
        System.out.printf(
                Locale.ROOT,
                "RESULT pipe_vs_tls=%.2f pipe_vs_tcp=%.2f echo_vs_tls=%.2f idle_session_kib=%.1f%n",
                vsTls[1],
                vsTcp[1],
                echoVsTls,
                idle);
        System.exit(vsTls[1] > 0 && echoVsTls > 0 ? 0 : 1);
    }

    /** Subscribes and hands every buffer on. */
    private record Each(Consumer<ByteBuffer> to, Runnable end, Flow.Subscription[] s)
            implements Flow.Subscriber<ByteBuffer> {
        @Override
        public void onSubscribe(Flow.Subscription sub) {
            s[0] = sub;
            sub.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer b) {
            to.accept(b);
        }

        @Override
        public void onError(Throwable t) {
            // a pipe that is closed at the end of a round
        }

        @Override
        public void onComplete() {
            end.run();
        }
    }

    static void each(Flow.Publisher<ByteBuffer> p, Consumer<ByteBuffer> to, Runnable end) {
        p.subscribe(new Each(to, end, new Flow.Subscription[1]));
    }

    static void serve(LocalNode b) {
        b.node()
                .accept(
                        SINK,
                        AccessPolicy.any(),
                        new PipeAcceptor() {
                            @Override
                            public void stream(Peer peer, StreamPipe pipe) {
                                each(pipe.incoming(), x -> {}, pipe::finish);
                            }
                        });
        b.node()
                .accept(
                        ECHO,
                        AccessPolicy.any(),
                        new PipeAcceptor() {
                            @Override
                            public void stream(Peer peer, StreamPipe pipe) {
                                each(pipe.incoming(), pipe::write, pipe::finish);
                            }
                        });
    }

    /** MiB per second of a stream to one that {@link #serve}s. */
    static double stream(Peer peer, int size, long total) throws Exception {
        StreamPipe pipe = get(peer.openStream(SINK, PipeOptions.defaults()));
        byte[] chunk = new byte[size];
        long began = System.nanoTime();
        for (long sent = 0; sent < total; sent += size) {
            CompletionStage<Void> w = pipe.write(ByteBuffer.wrap(chunk));
            CompletableFuture<Void> f = w.toCompletableFuture();
            if (!f.isDone()) {
                f.get(60, TimeUnit.SECONDS);
            }
        }
        get(pipe.finish());
        return total / (1024.0 * 1024) / ((System.nanoTime() - began) * 1e-9);
    }

    private static long[] echo(Peer peer) throws Exception {
        StreamPipe pipe = get(peer.openStream(ECHO, PipeOptions.defaults()));
        long[] times = new long[ECHOES];
        CountDownLatch done = new CountDownLatch(1);
        byte[] data = new byte[64];
        int[] i = {0};
        int[] got = {0};
        long[] began = {System.nanoTime()};
        each(
                pipe.incoming(),
                b -> {
                    got[0] += b.remaining();
                    if (got[0] < 64) {
                        return;
                    }
                    got[0] = 0;
                    long now = System.nanoTime();
                    times[i[0]++] = now - began[0];
                    began[0] = now;
                    if (i[0] < ECHOES) {
                        pipe.write(ByteBuffer.wrap(data));
                    } else {
                        done.countDown();
                    }
                },
                () -> {});
        pipe.write(ByteBuffer.wrap(data));
        if (!done.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the echo hangs");
        }
        pipe.close();
        return times;
    }

    /** KiB of heap per end of a session that was used once and is idle. */
    private static double idleSession(int n) throws Exception {
        List<LocalNode> clients = new ArrayList<>();
        try (LocalNode hub = new LocalNode()) {
            serve(hub);
            for (int i = 0; i < n; i++) {
                clients.add(new LocalNode(hub));
            }
            long before = heap();
            for (LocalNode c : clients) {
                Peer peer = get(c.node().connect(hub.address()));
                StreamPipe p = get(peer.openStream(ECHO, PipeOptions.defaults()));
                CountDownLatch ended = new CountDownLatch(1);
                each(p.incoming(), b -> {}, ended::countDown);
                p.write(ByteBuffer.wrap(new byte[1000]));
                get(p.finish());
                ended.await(10, TimeUnit.SECONDS);
            }
            CountDownLatch settle = new CountDownLatch(1);
            settle.await(2500, TimeUnit.MILLISECONDS); // buffers are trimmed once a second
            long after = heap();
            return (after - before) / 1024.0 / (2.0 * n);
        } finally {
            clients.forEach(LocalNode::close);
        }
    }

    private static long heap() throws Exception {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
            Runtime r = Runtime.getRuntime();
            least = Math.min(least, r.totalMemory() - r.freeMemory());
        }
        return least;
    }

    private static double p50(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1000.0;
    }

    static double median(double[] v) {
        double[] sorted = v.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    static <T> T get(CompletionStage<T> s) throws Exception {
        return s.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
