// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Our TURN server against coturn, in turns, each a process of its own on 127.0.0.1: datagrams
 * relayed per second and processor time for each, allocations per second, memory of an allocation,
 * round trip with one datagram in flight. Channel data over UDP, one relay thread on either side.
 * The generator is one Java thread, which costs about as much as a server: so rates are those of
 * the two together, and processor time, read from {@code /proc/PID/stat}, is what to compare.
 */
public final class TurnBench {
    private static final int ROUNDS = 3;
    private static final int WINDOW = 64;
    private static final int KEPT = 1000;

    private final long seconds;
    private final List<TurnServerProcess> servers;

    private TurnBench(long seconds, List<TurnServerProcess> servers) {
        this.seconds = seconds;
        this.servers = servers;
    }

    /** What was measured: datagrams per second and microseconds of processor time for each. */
    private record Rate(double perSecond, double micros) {}

    /** {@code [seconds of each measurement]}. */
    public static void main(String[] args) throws Exception {
        long seconds = args.length > 0 ? Long.parseLong(args[0]) : 2;
        boolean good;
        try (TurnServerProcess coturn = TurnServerProcess.coturn();
                TurnServerProcess ours = TurnServerProcess.ours()) {
            good = new TurnBench(seconds, List.of(coturn, ours)).run();
        }
        System.exit(good ? 0 : 1);
    }

    /** Whether the goals are met; on a busy machine the last two wander. */
    private boolean run() throws Exception {
        System.out.println("warming up");
        for (TurnServerProcess s : servers) {
            relay(s, 1, 200, true, 2 * seconds);
            relay(s, 10, 1200, false, seconds);
        }
        List<Double> cpu = new ArrayList<>();
        System.out.printf(
                "%-34s %22s %22s %7s%n", "", "coturn /s (us each)", "ours /s (us each)", "ratio");
        for (int clients : new int[] {1, 100}) {
            for (int size : new int[] {200, 1200}) {
                for (boolean up : new boolean[] {true, false}) {
                    cpu.add(relayed(clients, size, up));
                }
            }
        }
        double rtt = roundTrips();
        double allocations = allocations();
        memory();
        double mean = Math.exp(cpu.stream().mapToDouble(Math::log).average().orElseThrow());
        double worst = cpu.stream().mapToDouble(d -> d).max().orElseThrow();
        System.out.printf(
                Locale.ROOT,
                "RESULT cpu_vs_coturn=%.2f cpu_worst=%.2f alloc_vs_coturn=%.2f rtt_vs_coturn=%.2f%n",
                mean,
                worst,
                allocations,
                rtt);
        return mean <= 1.3 && allocations >= 1 && rtt <= 1.3;
    }

    private double relayed(int clients, int size, boolean up) throws Exception {
        List<Rate> theirs = new ArrayList<>();
        List<Rate> ours = new ArrayList<>();
        double[] ratios = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            theirs.add(relay(servers.get(0), clients, size, up, seconds));
            ours.add(relay(servers.get(1), clients, size, up, seconds));
            ratios[i] = ours.get(i).micros() / theirs.get(i).micros();
        }
        double ratio = median(ratios);
        System.out.printf(
                "%4d allocations %5d B %-9s %14.0f (%5.2f) %14.0f (%5.2f) %7.2f%n",
                clients,
                size,
                up ? "to peer" : "from peer",
                median(theirs.stream().mapToDouble(Rate::perSecond).toArray()),
                median(theirs.stream().mapToDouble(Rate::micros).toArray()),
                median(ours.stream().mapToDouble(Rate::perSecond).toArray()),
                median(ours.stream().mapToDouble(Rate::micros).toArray()),
                ratio);
        return ratio;
    }

    private Rate relay(TurnServerProcess s, int clients, int size, boolean up, long seconds)
            throws Exception {
        try (TurnLoad load = new TurnLoad(s.address(), clients)) {
            load.run(size, WINDOW, up, 200_000_000L);
            double before = s.cpuSeconds();
            long began = System.nanoTime();
            long n = load.run(size, WINDOW, up, seconds * 1_000_000_000L);
            double took = (System.nanoTime() - began) / 1e9;
            return new Rate(n / took, (s.cpuSeconds() - before) * 1e6 / n);
        }
    }

    private double roundTrips() throws Exception {
        double[][] all = new double[2][ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            for (int who = 0; who < 2; who++) {
                try (TurnLoad load = new TurnLoad(servers.get(who).address(), 1)) {
                    load.roundTrips(1200, 200_000_000L);
                    all[who][i] = load.roundTrips(1200, seconds * 1_000_000_000L);
                }
            }
            ratios[i] = all[1][i] / all[0][i];
        }
        System.out.printf(
                "%-34s %19.1f us %19.1f us %7.2f%n",
                "round trip, median, 1200 B", median(all[0]), median(all[1]), median(ratios));
        return median(ratios);
    }

    private double allocations() throws Exception {
        double[][] all = new double[2][ROUNDS];
        double[][] cpu = new double[2][ROUNDS];
        double[] ratios = new double[ROUNDS];
        TurnServerProcess ours = servers.get(1);
        TurnLoad.allocations(ours.address(), 32, 3_000_000_000L); // compiles both ends
        for (int i = 0; i < ROUNDS; i++) {
            // A fresh one: coturn keeps ended sessions for a while and gets slower by them.
            try (TurnServerProcess coturn = TurnServerProcess.coturn()) {
                List<TurnServerProcess> both = List.of(coturn, ours);
                for (int who = 0; who < 2; who++) {
                    double before = both.get(who).cpuSeconds();
                    all[who][i] = TurnLoad.allocations(both.get(who).address(), 32, 1_000_000_000L);
                    cpu[who][i] = (both.get(who).cpuSeconds() - before) * 1e6 / all[who][i];
                }
            }
            ratios[i] = all[1][i] / all[0][i];
        }
        System.out.printf(
                "%-34s %14.0f (%5.0f) %14.0f (%5.0f) %7.2f%n",
                "allocations made and given back",
                median(all[0]),
                median(cpu[0]),
                median(all[1]),
                median(cpu[1]),
                median(ratios));
        return median(ratios);
    }

    private void memory() throws Exception {
        double[] kib = new double[2];
        double[] heap = new double[2];
        for (int who = 0; who < 2; who++) {
            try (TurnServerProcess s =
                    who == 0 ? TurnServerProcess.coturn() : TurnServerProcess.ours()) {
                try (TurnLoad load = new TurnLoad(s.address(), 10)) {
                    load.run(200, WINDOW, true, 100_000_000L);
                }
                double before = s.residentKib();
                double heapBefore = s.liveHeapKib();
                try (TurnLoad load = new TurnLoad(s.address(), KEPT)) {
                    load.run(200, WINDOW, true, 200_000_000L);
                    heap[who] = (s.liveHeapKib() - heapBefore) / KEPT;
                    kib[who] = (s.residentKib() - before) / KEPT;
                }
            }
        }
        System.out.printf(
                "%-34s %18.1f KiB %18.1f KiB   (of which live heap %.1f KiB)%n",
                "memory of an allocation, RSS", kib[0], kib[1], heap[1]);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
