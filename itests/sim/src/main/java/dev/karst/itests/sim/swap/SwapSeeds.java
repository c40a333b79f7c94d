// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.itests.sim.matrix.Crew;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Plays many seeds, or one to be read. Ends with 1 if a promise was broken. */
public final class SwapSeeds {
    private static final String USAGE =
            """
            sim swap [--seeds N] [--first SEED] [--jobs N]
            sim swap --seed SEED [--trace]
              --seeds   how many (10000), from --first on (1)
              --jobs    worlds at a time (one for each processor)
              --seed    only that one, told; with --trace also every packet and every call
            """;

    /** One in so many is played twice. */
    private static final int AGAIN = 100;

    /** Held, or it would be forgotten, and its level with it. */
    private static final Logger LOG = Logger.getLogger("dev.karst");

    private int seeds = 10_000;
    private long first = 1;
    private int jobs = Runtime.getRuntime().availableProcessors();
    private Long one;
    private boolean trace;

    private SwapSeeds() {}

    public static void main(String[] args) {
        LOG.setLevel(Level.OFF);
        SwapSeeds s = new SwapSeeds();
        try {
            s.read(new ArrayList<>(List.of(args)));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + USAGE);
            System.exit(2);
        }
        System.exit((s.one != null ? s.tell() : s.all()) ? 0 : 1);
    }

    private void read(List<String> left) {
        while (!left.isEmpty()) {
            String name = left.remove(0);
            switch (name) {
                case "--seeds" -> seeds = Integer.parseInt(left.remove(0));
                case "--first" -> first = Long.parseLong(left.remove(0));
                case "--jobs" -> jobs = Integer.parseInt(left.remove(0));
                case "--seed" -> one = Long.parseLong(left.remove(0));
                case "--trace" -> trace = true;
                default -> throw new IllegalArgumentException("no option " + name);
            }
        }
    }

    private boolean all() {
        Tally tally = new Tally();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < seeds; i++) {
            long seed = first + i;
            tasks.add(
                    () -> {
                        play(seed, tally);
                        return null;
                    });
        }
        long began = System.nanoTime();
        try (Crew crew = new Crew(jobs, false)) {
            crew.all("seeds", tasks);
        }
        System.out.println(tally.table());
        System.out.printf("%d s%n", (System.nanoTime() - began) / 1_000_000_000);
        System.out.println(tally.result());
        return tally.ok();
    }

    static void play(long seed, Tally tally) {
        try {
            Tale t = SwapSeed.play(seed, null);
            tally.add(t);
            if (seed % AGAIN == 0 && SwapSeed.play(seed, null).digest() != t.digest()) {
                tally.different(seed);
            }
        } catch (Broken e) {
            tally.add(seed, e);
        }
    }

    /** What happened to providers, networks and sessions, in order; packets only if wanted. */
    private boolean tell() {
        Consumer<String> echo =
                line -> {
                    String by = line.length() > 15 ? line.substring(15) : line;
                    boolean news =
                            by.startsWith("storm")
                                    || by.startsWith("TROUBLE")
                                    || by.contains(" PeerChanged[")
                                    || by.contains(" Resumed[")
                                    || by.contains(" PathUp[")
                                    || by.contains(" PathDown[")
                                    || by.contains(" Trouble[");
                    if (trace || news) {
                        System.out.println(line);
                    }
                };
        Tally tally = new Tally();
        try {
            Tale t = SwapSeed.play(one, echo);
            tally.add(t);
            System.out.println(t);
        } catch (Broken e) {
            e.printStackTrace(System.out);
            tally.add(one, e);
        }
        System.out.println(tally.result());
        return tally.ok();
    }
}
