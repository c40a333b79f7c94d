// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Plays the connection matrix; {@link Options#USAGE} says what can be chosen. Ends with 1 if a goal
 * is missed.
 */
public final class Matrix {
    private static final Path FOLDER = Path.of("itests", "sim", "target", "matrix");
    private static final int LEAST_DIRECT = 1_190;

    /** Held, or it would be forgotten, and its level with it. */
    private static final Logger LOG = Logger.getLogger("dev.karst");

    private Matrix() {}

    public static void main(String[] args) {
        LOG.setLevel(Level.OFF);
        Options o;
        try {
            o = Options.of(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        boolean ok = o.cell.isPresent() ? one(o) : all(o);
        System.exit(ok ? 0 : 1);
    }

    private static boolean all(Options o) {
        long began = System.nanoTime();
        List<Table> tables = new ArrayList<>();
        Named named;
        try (Crew crew = new Crew(o.threads, false)) {
            for (Means m : o.seeds == 0 ? Set.<Means>of() : o.means) {
                for (Table.Kind k : o.kinds) {
                    tables.add(play(crew, new Table(k, m, o.rough), o));
                }
            }
            named = Named.play(crew, o);
        }
        tables.forEach(t -> System.out.println(t.text()));
        tables.forEach(t -> System.out.println(t.summary()));
        System.out.println(named);
        System.out.printf(
                "%s: CSV and HTML; %d s%n", FOLDER, (System.nanoTime() - began) / 1_000_000_000);
        return result(o, tables, named);
    }

    static Table play(Crew crew, Table t, Options o) {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int seed = 0; seed < o.seeds; seed++) {
            for (int i = 0; i < t.cells().size(); i++) {
                Cell c = t.cells().get(i);
                Meeting m = t.meeting(i, o.first + seed);
                tasks.add(
                        () -> {
                            c.add(m.play());
                            return null;
                        });
            }
        }
        crew.all(t.name(), tasks);
        Files.write(FOLDER, t);
        return t;
    }

    /** The first table is the one that goals are for: P2PD's, with default settings. */
    private static boolean result(Options o, List<Table> tables, Named named) {
        Table main =
                tables.isEmpty() ? new Table(Table.Kind.P2PD, Means.ALL, false) : tables.get(0);
        int failed = tables.stream().mapToInt(Table::failed).sum();
        int lost = tables.stream().mapToInt(Table::lost).sum();
        int late = tables.stream().mapToInt(Table::late).sum();
        if (o.rough) {
            return failed + lost == 0;
        }
        boolean whole =
                !tables.isEmpty() && main.kind() == Table.Kind.P2PD && main.means() == Means.ALL;
        System.out.printf(
                Locale.ROOT,
                "RESULT cells=%d direct=%d relayed=%d failed=%d data_lost=%d late=%d %s%n",
                main.cells().size(),
                main.direct(),
                main.relayed(),
                failed,
                lost,
                late,
                named.result());
        return failed + lost + late == 0 && (!whole || main.direct() >= LEAST_DIRECT) && named.ok();
    }

    /** One cell, seed by seed. */
    private static boolean one(Options o) {
        boolean ok = true;
        for (Means means : o.means) {
            for (Table.Kind k : Table.Kind.values()) {
                Table t = new Table(k, means, o.rough);
                for (int i = 0; i < t.cells().size(); i++) {
                    Cell c = t.cells().get(i);
                    if ((c.from() + "," + c.to()).equals(o.cell.get())) {
                        for (int seed = 0; seed < o.seeds; seed++) {
                            ok &= tell(t.meeting(i, o.first + seed), o);
                        }
                    }
                }
            }
        }
        return ok;
    }

    private static boolean tell(Meeting m, Options o) {
        if (!o.trace) {
            long began = System.nanoTime();
            Outcome out = m.play();
            System.out.printf(
                    "%s %s %d ms%n", m.means(), out, (System.nanoTime() - began) / 1_000_000);
            return out.lost().isEmpty() && out.connected();
        }
        Encounter e = new Encounter(m);
        e.world().echo(System.out::println);
        Outcome out = e.play();
        System.out.println(e.story());
        System.out.println(m.means() + " " + out);
        return out.lost().isEmpty() && out.connected();
    }
}
