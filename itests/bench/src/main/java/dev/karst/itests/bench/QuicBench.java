// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.AccessPolicy;
import dev.karst.DatagramPipe;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.spi.transport.Transport;
import dev.karst.transport.quic.QuicTransport;
import dev.karst.transport.tcp.TcpTransport;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * A stream and datagrams of a session over transport.quic, which is QUIC and Noise, against a
 * session over transport.tcp and plain Netty QUIC, in turn in one process on loopback; medians over
 * rounds. A bare path shows what the session above it costs. Then 1,000 connects: their time, and
 * what is left of them.
 */
public final class QuicBench {
    private static final int SIZE = 64 * 1024;
    private static final long TOTAL = 256L << 20;
    private static final int DATAGRAMS = 50_000;
    private static final int CONNECTS = 1_000;
    private static final double MOST_MIB = 48; // may stay in pools
    private static final ProtocolId COUNT = ProtocolId.of("bench/count");

    private QuicBench() {}

    /** What is measured. */
    private record Side(Callable<Double> stream, Callable<DatagramLoad.Result> datagrams) {}

    private static final DatagramLoad.Result NONE = new DatagramLoad.Result(Double.NaN, 0);

    /** A session of two whole nodes. */
    private static final class Pair implements AutoCloseable {
        private final LocalNode a;
        private final LocalNode b;
        private final Peer peer;
        private final DatagramPipe pipe;
        private final DatagramLoad load = new DatagramLoad();

        Pair(String listen, Transport transport) throws Exception {
            a = new LocalNode(listen, transport);
            b = new LocalNode(listen, transport);
            PipeBench.serve(b);
            b.node().accept(COUNT, AccessPolicy.any(), new Counter());
            peer = PipeBench.get(a.node().connect(b.address()));
            pipe = PipeBench.get(peer.openDatagrams(COUNT, PipeOptions.defaults()));
            PathInfo path = peer.paths().get(0);
            System.out.println(path.remote() + ", " + path.crypto());
        }

        private final class Counter implements PipeAcceptor {
            @Override
            public void datagrams(Peer from, DatagramPipe in) {
                PipeBench.each(in.incoming(), b -> load.arrived(), () -> {});
            }
        }

        Side side() {
            return new Side(
                    () -> PipeBench.stream(peer, SIZE, TOTAL),
                    () -> load.run(DATAGRAMS, pipe::send));
        }

        @Override
        public void close() {
            a.close();
            b.close();
        }
    }

    /** MiB/s, CPU seconds per GiB, datagrams/s, CPU microseconds for each, lost. */
    private static double[] measure(Side side) throws Exception {
        double cpu = cpuSeconds();
        double rate = side.stream.call();
        double streamed = cpuSeconds();
        DatagramLoad.Result d = side.datagrams.call();
        double each = (cpuSeconds() - streamed) * 1e6 / DATAGRAMS;
        double gib = (streamed - cpu) * (1 << 30) / TOTAL;
        return new double[] {rate, gib, d.perSecond(), each, d.lost()};
    }

    public static void main(String[] args) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        String[] names = {
            "session over QUIC", "plain Netty QUIC", "session over TCP", "bare QUIC path"
        };
        List<List<double[]>> all = new ArrayList<>();
        double[] left;
        try (PathEnds.World a = new PathEnds.World();
                PathEnds.World b = new PathEnds.World()) {
            try (Pair quic = new Pair("quic://127.0.0.1:0", new QuicLoop());
                    NettyQuicPeer netty = new NettyQuicPeer();
                    Pair tcp = new Pair("tcp://127.0.0.1:0", new TcpTransport());
                    PathEnds bare = PathEnds.overUdp(a, b, new QuicTransport())) {
                Side[] sides = {
                    quic.side(),
                    new Side(() -> netty.stream(SIZE, TOTAL), () -> netty.datagrams(DATAGRAMS)),
                    tcp.side(),
                    new Side(() -> bare.stream(SIZE, TOTAL), () -> NONE)
                };
                for (int i = 0; i < sides.length; i++) {
                    all.add(new ArrayList<>());
                }
                for (int r = -1; r < rounds; r++) {
                    for (int i = 0; i < sides.length; i++) {
                        double[] row = measure(sides[i]);
                        if (r >= 0) {
                            all.get(i).add(row);
                        }
                    }
                }
            }
            table(names, all);
            left = connects(a, b);
        }
        List<double[]> quic = all.get(0);
        boolean clean = left[1] <= 0 && left[2] < MOST_MIB;
        double vsNetty = ratio(quic, all.get(1), 0);
        System.out.printf(
                Locale.ROOT,
                "RESULT quic_mib_s=%.0f quic_vs_netty=%.2f quic_vs_tcp=%.2f path_vs_netty=%.2f"
                        + " datagrams_s=%.0f datagrams_vs_netty=%.2f datagrams_vs_tcp=%.2f"
                        + " datagrams_lost=%.0f connect_ms=%.1f threads_left=%.0f"
                        + " direct_mib_left=%.1f rss_mib_more=%.0f%n",
                median(quic, 0),
                vsNetty,
                ratio(quic, all.get(2), 0),
                ratio(all.get(3), all.get(1), 0),
                median(quic, 2),
                ratio(quic, all.get(1), 2),
                ratio(quic, all.get(2), 2),
                sum(quic, 4),
                left[0],
                left[1],
                left[2],
                left[3]);
        System.exit(clean && vsNetty > 0 ? 0 : 1);
    }

    private static void table(String[] names, List<List<double[]>> all) {
        System.out.printf(
                "%-18s %8s %14s %14s %10s %6s%n",
                "", "MiB/s", "CPU s per GiB", "datagrams/s", "CPU us", "lost");
        for (int i = 0; i < names.length; i++) {
            List<double[]> rows = all.get(i);
            System.out.printf(
                    Locale.ROOT,
                    "%-18s %8.0f %14.1f %14.0f %10.1f %6.0f%n",
                    names[i],
                    median(rows, 0),
                    median(rows, 1),
                    median(rows, 2),
                    median(rows, 3),
                    sum(rows, 4));
        }
    }

    /** Median milliseconds of a connect; threads, direct MiB and resident MiB more than before. */
    private static double[] connects(PathEnds.World a, PathEnds.World b) throws Exception {
        QuicTransport t = new QuicTransport();
        for (int i = 0; i < 50; i++) {
            PathEnds.overUdp(a, b, t).close();
        }
        System.gc();
        long threads = threads();
        long direct = PlatformDependent.usedDirectMemory();
        double rss = residentMib();
        double[] ms = new double[CONNECTS];
        for (int i = 0; i < CONNECTS; i++) {
            long began = System.nanoTime();
            try (PathEnds p = PathEnds.overUdp(a, b, t)) {
                ms[i] = (System.nanoTime() - began) * 1e-6;
                p.stream(1_000, 100_000);
            }
        }
        System.gc();
        Arrays.sort(ms);
        double[] out = {
            ms[CONNECTS / 2],
            threads() - threads,
            (PlatformDependent.usedDirectMemory() - direct) / 1048576.0,
            residentMib() - rss
        };
        System.out.printf(
                Locale.ROOT,
                "%d connects: p50 %.1f ms, p99 %.1f ms; left: %.0f threads, %.1f MiB direct,"
                        + " %.0f MiB resident%n",
                CONNECTS,
                out[0],
                ms[CONNECTS * 99 / 100],
                out[1],
                out[2],
                out[3]);
        return out;
    }

    /** Without the core's pool, which lets idle ones go after 10 s. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> !t.getName().startsWith("karst-core-"))
                .count();
    }

    private static double residentMib() throws Exception {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return 0;
    }

    private static double cpuSeconds() {
        var os =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return os.getProcessCpuTime() * 1e-9;
    }

    /** Round by round, since the machine may be shared. */
    private static double ratio(List<double[]> rows, List<double[]> to, int column) {
        double[] all = new double[rows.size()];
        for (int r = 0; r < all.length; r++) {
            all[r] = rows.get(r)[column] / to.get(r)[column];
        }
        return PipeBench.median(all);
    }

    private static double median(List<double[]> rows, int column) {
        return PipeBench.median(rows.stream().mapToDouble(r -> r[column]).toArray());
    }

    private static double sum(List<double[]> rows, int column) {
        return rows.stream().mapToDouble(r -> r[column]).sum();
    }
}
