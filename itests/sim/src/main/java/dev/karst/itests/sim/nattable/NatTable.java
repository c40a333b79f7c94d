// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import dev.karst.itests.sim.nat.NatConfig;
import dev.karst.itests.sim.nat.P2pdConfigs;
import dev.karst.itests.sim.nat.RfcConfigs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Every kind of NAT that P2PD and RFC 4787 know, many seeds of each, without loss, with loss, and
 * among the traffic of others: {@code NatTable [seeds [first]]}. Ends with 1 if a goal is missed.
 */
public final class NatTable {
    private static final int[] STEPS = {1, 2, -1, 5, 16, -3};
    private static final double LOSS = 0.05;
    private static final double BUSY = 5;
    private static final int MOST_SHOWN = 4;
    private static final double TARGET_RTTS = 6;
    private static final double TARGET_NANOS = 300e6;

    private NatTable() {}

    /**
     * One of the three conditions.
     *
     * @param goal percent that have to be right
     */
    record Condition(String name, double loss, double background, double goal) {}

    static final List<Condition> CONDITIONS =
            List.of(
                    new Condition("loss0", 0, 0, 100),
                    new Condition("loss5", LOSS, 0, 99),
                    new Condition("busy", 0, BUSY, 95));

    /**
     * One world.
     *
     * @param udp what is wrong, empty if nothing
     * @param tcp likewise
     * @param late by how much the target was missed, as a factor of it
     */
    record Cell(long seed, String udp, String tcp, int packets, double late, long nanos) {}

    /** What is played: the 35, and the 45, with a step that the seed decides. */
    static List<NatConfig> configs(long seed) {
        int step = STEPS[(int) Math.floorMod(seed, (long) STEPS.length)];
        List<NatConfig> out = new ArrayList<>(P2pdConfigs.all(step));
        out.addAll(RfcConfigs.all(step));
        return out;
    }

    static Cell play(long seed, NatConfig config, Condition c) {
        NatCase world =
                new NatCase(
                        seed,
                        config.policy().withBackground(c.background()),
                        NatCase.Terms.of(c.loss()));
        NatCase.Outcome o = world.play();
        if (o.failure() != null) {
            String why = "failed: " + o.failure().getMessage();
            return new Cell(seed, why, why, o.packets(), 0, o.nanos());
        }
        double target = TARGET_RTTS * o.rtt() + TARGET_NANOS;
        return new Cell(
                seed,
                Expected.udp(config.udp()).miss(o.first().udp()),
                Expected.tcp(config.tcp()).miss(o.last().tcp()),
                o.packets(),
                config.udp().passes() ? o.nanos() / target : 0,
                o.nanos());
    }

    /** All cells of one condition. */
    private static final class Column {
        final Condition condition;
        final List<Cell> cells = new ArrayList<>();
        int udpWrong;
        int tcpWrong;

        Column(Condition condition) {
            this.condition = condition;
        }

        double udp() {
            return 100.0 * (cells.size() - udpWrong) / cells.size();
        }

        double tcp() {
            return 100.0 * (cells.size() - tcpWrong) / cells.size();
        }

        int packets() {
            return cells.stream().mapToInt(Cell::packets).max().orElse(0);
        }

        double late() {
            return cells.stream().mapToDouble(Cell::late).max().orElse(0);
        }

        double late(double part) {
            List<Double> all = new ArrayList<>(cells.stream().map(Cell::late).toList());
            Collections.sort(all);
            return all.get((int) Math.min(all.size() - 1, all.size() * part));
        }

        void say() {
            System.out.printf(
                    Locale.ROOT,
                    "%-6s %d worlds: UDP %.3f %%, TCP %.3f %% exact; packets at most %d;"
                            + " time / (6 RTT + 300 ms): median %.2f, 99 %% %.2f, most %.2f%n",
                    condition.name(),
                    cells.size(),
                    udp(),
                    tcp(),
                    packets(),
                    late(0.5),
                    late(0.99),
                    late());
        }
    }

    public static void main(String[] args) throws Exception {
        int seeds = args.length > 0 ? Integer.parseInt(args[0]) : 200;
        long first = args.length > 1 ? Long.parseLong(args[1]) : 1;
        int configs = configs(first).size();
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        List<Column> columns = new ArrayList<>();
        try {
            for (Condition c : CONDITIONS) {
                Column column = new Column(c);
                columns.add(column);
                for (int i = 0; i < configs; i++) {
                    row(threads, column, i, first, seeds);
                }
                column.say();
            }
        } finally {
            threads.shutdownNow();
        }
        boolean ok =
                columns.stream()
                        .allMatch(
                                c ->
                                        c.udp() >= c.condition.goal()
                                                && c.tcp() >= c.condition.goal());
        ok &= columns.get(0).late() <= 1 && columns.get(0).packets() <= 60;
        System.out.printf(
                Locale.ROOT,
                "RESULT configs=%d seeds=%d exact_loss0=%.3f exact_loss5_pct=%.3f"
                        + " exact_busy_pct=%.3f tcp_loss0=%.3f tcp_loss5_pct=%.3f"
                        + " tcp_busy_pct=%.3f packets_max=%d packets_max_loss5=%d time_max=%.2f%n",
                configs,
                seeds,
                columns.get(0).udp(),
                columns.get(1).udp(),
                columns.get(2).udp(),
                columns.get(0).tcp(),
                columns.get(1).tcp(),
                columns.get(2).tcp(),
                columns.get(0).packets(),
                columns.get(1).packets(),
                columns.get(0).late());
        System.exit(ok ? 0 : 1);
    }

    private static void row(
            ExecutorService threads, Column column, int config, long first, int seeds)
            throws Exception {
        List<Future<Cell>> running = new ArrayList<>();
        for (int i = 0; i < seeds; i++) {
            long seed = first + i;
            running.add(
                    threads.submit(() -> play(seed, configs(seed).get(config), column.condition)));
        }
        List<String> wrong = new ArrayList<>();
        int udp = 0;
        int tcp = 0;
        for (Future<Cell> f : running) {
            Cell cell = f.get();
            column.cells.add(cell);
            if (!cell.udp().isEmpty()) {
                udp++;
                wrong.add("seed " + cell.seed() + " UDP " + cell.udp());
            }
            if (!cell.tcp().isEmpty()) {
                tcp++;
                wrong.add("seed " + cell.seed() + " TCP " + cell.tcp());
            }
        }
        column.udpWrong += udp;
        column.tcpWrong += tcp;
        if (!wrong.isEmpty()) {
            System.out.printf(
                    "%-6s %-70s misses: UDP %d, TCP %d  %s%n",
                    column.condition.name(),
                    configs(first).get(config).name(),
                    udp,
                    tcp,
                    wrong.subList(0, Math.min(MOST_SHOWN, wrong.size())));
        }
    }
}
