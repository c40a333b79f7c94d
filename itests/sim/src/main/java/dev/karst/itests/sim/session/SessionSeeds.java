// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Plays many seeds: {@code SessionSeeds [count [first]]}. Ends with 1 if one failed. */
public final class SessionSeeds {
    private static final int MOST_SHOWN = 3;

    private SessionSeeds() {}

    public static void main(String[] args) {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        long first = args.length > 1 ? Long.parseLong(args[1]) : 1;
        Logger quiet = Logger.getLogger("dev.karst");
        quiet.setLevel(Level.OFF);
        List<Long> failed = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long seed = first + i;
            try {
                SessionSeed.Outcome o = SessionSeed.play(seed);
                if (count <= 10) {
                    System.out.println("seed " + seed + " " + o);
                }
            } catch (AssertionError e) {
                failed.add(seed);
                if (failed.size() <= MOST_SHOWN) {
                    e.printStackTrace(System.out);
                } else {
                    System.out.println("seed " + seed + " " + e.getMessage().lines().findFirst());
                }
            }
            if ((i + 1) % 100 == 0) {
                long ms = (System.nanoTime() - began) / 1_000_000;
                System.out.printf("%d of %d, %d failed, %d ms%n", i + 1, count, failed.size(), ms);
            }
        }
        System.out.printf(
                "RESULT seeds=%d ok=%d failed=%d%s%n",
                count,
                count - failed.size(),
                failed.size(),
                failed.isEmpty() ? "" : " " + failed.subList(0, Math.min(20, failed.size())));
        System.exit(failed.isEmpty() ? 0 : 1);
    }
}
