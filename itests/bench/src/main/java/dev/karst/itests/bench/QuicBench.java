// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

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

/**
 * Frames of 64 KiB on one lane of bare paths: transport.quic and transport.tcp against plain Netty
 * QUIC, in turn in one process on loopback; medians over rounds. Then 1,000 connects: their time,
 * and what is left of them.
 */
public final class QuicBench {
    private static final int SIZE = 64 * 1024;
    private static final long TOTAL = 256L << 20;
    private static final int CONNECTS = 1_000;
    private static final double MOST_MIB = 48; // may stay in pools

    private QuicBench() {}

    /** Something that sends. */
    private interface Sender {
        double stream(int size, long total) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        String[] names = {"transport.quic", "plain Netty QUIC", "transport.tcp"};
        List<double[]> rates = new ArrayList<>();
        List<double[]> costs = new ArrayList<>();
        double[] left;
        try (PathEnds.World a = new PathEnds.World();
                PathEnds.World b = new PathEnds.World()) {
            try (PathEnds quic = PathEnds.overUdp(a, b, new QuicTransport());
                    NettyQuicPeer netty = new NettyQuicPeer();
                    PathEnds tcp =
                            PathEnds.dialled(a, b, new TcpTransport(), "tcp://127.0.0.1:0")) {
                Sender[] senders = {quic::stream, netty::stream, tcp::stream};
                for (int r = -1; r < rounds; r++) {
                    double[] rate = new double[3];
                    double[] cost = new double[3];
                    for (int i = 0; i < 3; i++) {
                        double cpu = cpuSeconds();
                        rate[i] = senders[i].stream(SIZE, TOTAL);
                        cost[i] = (cpuSeconds() - cpu) * (1 << 30) / TOTAL;
                    }
                    if (r >= 0) {
                        rates.add(rate);
                        costs.add(cost);
                    }
                }
            }
            System.out.printf("%-18s %10s %14s%n", "", "MiB/s", "CPU s per GiB");
            for (int i = 0; i < 3; i++) {
                System.out.printf(
                        Locale.ROOT,
                        "%-18s %10.0f %14.1f%n",
                        names[i],
                        median(rates, i),
                        median(costs, i));
            }
            left = connects(a, b);
        }
        double[] vs = {ratio(rates, 0, 1), ratio(rates, 0, 2)};
        boolean clean = left[1] <= 0 && left[2] < MOST_MIB;
        System.out.printf(
                Locale.ROOT,
                "RESULT quic_mib_s=%.0f quic_vs_netty=%.2f quic_vs_tcp=%.2f connect_ms=%.1f"
                        + " threads_left=%.0f direct_mib_left=%.1f rss_mib_more=%.0f%n",
                median(rates, 0),
                vs[0],
                vs[1],
                left[0],
                left[1],
                left[2],
                left[3]);
        System.exit(clean && vs[0] > 0 ? 0 : 1);
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

    private static double ratio(List<double[]> rows, int i, int j) {
        return median(rows.stream().mapToDouble(r -> r[i] / r[j]).toArray());
    }

    private static double median(List<double[]> rows, int i) {
        return median(rows.stream().mapToDouble(r -> r[i]).toArray());
    }

    private static double median(double[] v) {
        double[] sorted = v.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
