// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.NatConfig;
import dev.karst.itests.sim.nat.P2pdConfigs;
import dev.karst.itests.sim.nat.RfcConfigs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Every ordered pair of a list of NATs, by the same means. */
final class Table {
    private static final int[] STEPS = {1, 2, -1, 5, 16, -3};

    /** Which NATs. */
    enum Kind {
        /** The 35 of P2PD. */
        P2PD(P2pdConfigs::all),
        /** The 45 of RFC 4787. */
        RFC(RfcConfigs::all);

        private final Function<Integer, List<NatConfig>> configs;

        Kind(Function<Integer, List<NatConfig>> configs) {
            this.configs = configs;
        }

        /** With sequences by a step that the seed decides. */
        List<NatConfig> configs(long seed) {
            return configs.apply(STEPS[(int) Math.floorMod(seed, (long) STEPS.length)]);
        }
    }

    private final Kind kind;
    private final Means means;
    private final boolean rough;
    private final List<NatConfig> configs;
    private final List<Cell> cells = new ArrayList<>();

    Table(Kind kind, Means means, boolean rough) {
        this.kind = kind;
        this.rough = rough;
        this.means = means;
        configs = kind.configs(0);
        for (NatConfig from : configs) {
            for (NatConfig to : configs) {
                cells.add(new Cell(from, to));
            }
        }
    }

    Kind kind() {
        return kind;
    }

    Means means() {
        return means;
    }

    String name() {
        return kind.name().toLowerCase()
                + "-"
                + means.name().toLowerCase()
                + (rough ? "-rough" : "");
    }

    List<Cell> cells() {
        return cells;
    }

    /** Which meeting that cell has with that seed. */
    Meeting meeting(int cell, long seed) {
        List<NatConfig> all = kind.configs(seed);
        int n = all.size();
        // Cells must not share a world's chances: what is seen in one says nothing of the others.
        long world = (seed * Kind.values().length + kind.ordinal()) * 10_007 + cell;
        return new Meeting(
                seed, world, means, rough, all.get(cell / n).policy(), all.get(cell % n).policy());
    }

    int direct() {
        return (int) cells.stream().filter(Cell::isDirect).count();
    }

    /** Cells that are neither direct nor failed. */
    int relayed() {
        return cells.size() - direct() - failed();
    }

    int failed() {
        return (int) cells.stream().filter(c -> c.failed() > 0).count();
    }

    int lost() {
        return (int) cells.stream().filter(c -> c.lost() > 0).count();
    }

    /** Cells that were relayed too late, or without a reason. */
    int late() {
        return (int)
                cells.stream().filter(c -> c.count(o -> !o.isDirect() && o.late()) > 0).count();
    }

    List<Outcome> outcomes() {
        return cells.stream().flatMap(c -> c.outcomes().stream()).toList();
    }

    Percentiles times(Function<Outcome, Integer> which) {
        return Percentiles.of(outcomes().stream().mapToInt(which::apply));
    }

    // ---- text

    /** A letter for each cell, who calls at the left; then types by types. */
    String text() {
        StringBuilder out = new StringBuilder();
        int n = configs.size();
        int group = Allocation.Kind.values().length;
        out.append("%s: who calls at the left, in the order of the columns%n".formatted(name()));
        for (int i = 0; i < n; i++) {
            if (i > 0 && i % group == 0) {
                out.append('\n');
            }
            out.append("%2d %-62s ".formatted(i + 1, configs.get(i).name()));
            for (int j = 0; j < n; j++) {
                out.append(j > 0 && j % group == 0 ? " " : "");
                out.append(cells.get(i * n + j).letter());
            }
            out.append('\n');
        }
        return out.append('\n').append(types(n, group)).toString();
    }

    private String types(int n, int group) {
        StringBuilder out =
                new StringBuilder("percent of meetings that are direct, type by type\n");
        for (int i = 0; i < n; i += group) {
            String name = configs.get(i).name();
            out.append("   %-62s ".formatted(name.substring(0, name.lastIndexOf('/'))));
            for (int j = 0; j < n; j += group) {
                out.append("%4d".formatted(percent(i, j, n, group)));
            }
            out.append('\n');
        }
        return out.toString();
    }

    private int percent(int row, int column, int n, int group) {
        List<Outcome> all =
                IntStream.range(0, group * group)
                        .mapToObj(k -> cells.get((row + k / group) * n + column + k % group))
                        .flatMap(c -> c.outcomes().stream())
                        .toList();
        long direct = all.stream().filter(Outcome::isDirect).count();
        return all.isEmpty() ? 0 : (int) (100 * direct / all.size());
    }

    /** How long it took, and what led there. */
    String summary() {
        Map<String, Integer> ways = new LinkedHashMap<>();
        cells.forEach(c -> c.ways().forEach((w, k) -> ways.merge(w, k, Integer::sum)));
        return """
        %s: %d cells, %d direct, %d relayed, %d failed, %d lost data or paths, %d relayed late
          by %s
          first path   %s
          direct path  %s
          first path of who stays relayed, less a round trip  %s
        """
                .formatted(
                        name(),
                        cells.size(),
                        direct(),
                        relayed(),
                        failed(),
                        lost(),
                        late(),
                        ways,
                        times(Outcome::first),
                        times(Outcome::direct),
                        times(o -> o.connected() && !o.isDirect() ? o.first() - o.rtt() : -1));
    }
}
