// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatPolicy.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Cells that have goals of their own. */
final class Named {
    /** Most time that a guessed port may take, in milliseconds. */
    private static final int GUESSED = 20_000;

    /** Mappings per second, and the time between two of a punch: lambda times T is a half. */
    private static final double BUSY = 5;

    private static final Dependence[] ANY = {
        Dependence.ENDPOINT_INDEPENDENT,
        Dependence.ADDRESS_DEPENDENT,
        Dependence.ADDRESS_AND_PORT_DEPENDENT
    };

    /**
     * One.
     *
     * @param goal percent that have to be direct in time
     */
    private record Case(String name, double goal, int limit) {
        private static final Case EIM = new Case("EIM x EIM", 100, GUESSED);
        private static final Case RANDOM = new Case("EIM x random EDM", 98, GUESSED);
        private static final Case SEQUENTIAL = new Case("sequential x sequential", 90, GUESSED);

        Meeting meeting(long seed) {
            RandomGenerator r = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            boolean turn = r.nextBoolean();
            NatPolicy a;
            NatPolicy b;
            if (this == EIM) {
                a = eim(r, ANY[r.nextInt(ANY.length)]);
                b = eim(r, ANY[r.nextInt(ANY.length)]);
            } else if (this == RANDOM) {
                a = eim(r, Dependence.ADDRESS_AND_PORT_DEPENDENT);
                b = NatPolicy.symmetric();
            } else {
                a = sequential(r);
                b = sequential(r);
            }
            return new Meeting(
                    seed,
                    seed * 31 + name.hashCode(),
                    Means.ALL,
                    false,
                    turn ? a : b,
                    turn ? b : a);
        }

        private static NatPolicy eim(RandomGenerator r, Dependence filtering) {
            List<Allocation> all =
                    List.of(
                            Allocation.preserve(),
                            Allocation.preserveDistance(),
                            Allocation.independent(1),
                            Allocation.dependent(1),
                            Allocation.random());
            return NatPolicy.nat(
                    Dependence.ENDPOINT_INDEPENDENT, filtering, all.get(r.nextInt(all.size())));
        }

        private static NatPolicy sequential(RandomGenerator r) {
            int step = new int[] {1, 2, -1, 5}[r.nextInt(4)];
            Rules rules =
                    new Rules(
                            Dependence.ADDRESS_AND_PORT_DEPENDENT,
                            Dependence.ADDRESS_AND_PORT_DEPENDENT,
                            Allocation.independent(step),
                            r.nextDouble() * BUSY);
            return NatPolicy.symmetric().withBoth(old -> rules);
        }
    }

    private record Played(Case which, List<Outcome> outcomes) {
        long direct() {
            return outcomes.stream()
                    .filter(o -> o.isDirect() && o.direct() <= which.limit())
                    .count();
        }

        double percent() {
            return outcomes.isEmpty() ? 0 : 100.0 * direct() / outcomes.size();
        }

        boolean ok() {
            return percent() >= which.goal()
                    && outcomes.stream().allMatch(o -> o.connected() && o.lost().isEmpty());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%-24s %d meetings, %.2f %% direct within %d s (goal %.0f); direct path %s%s",
                    which.name(),
                    outcomes.size(),
                    percent(),
                    which.limit() / 1000,
                    which.goal(),
                    Percentiles.of(outcomes.stream().mapToInt(Outcome::direct)),
                    outcomes.stream()
                            .filter(o -> !o.connected() || !o.lost().isEmpty())
                            .findFirst()
                            .map(o -> "; WRONG seed " + o.seed() + " " + Files.why(o))
                            .orElse(""));
        }
    }

    private final List<Played> played = new ArrayList<>();

    private Named() {}

    static Named play(Crew crew, Options o) {
        Named out = new Named();
        for (Case c : List.of(Case.EIM, Case.RANDOM, Case.SEQUENTIAL)) {
            List<Callable<Outcome>> tasks = new ArrayList<>();
            for (int i = 0; i < o.named; i++) {
                Meeting m = c.meeting(o.first + i);
                tasks.add(m::play);
            }
            out.played.add(new Played(c, crew.all(c.name(), tasks)));
        }
        return out;
    }

    boolean ok() {
        return played.stream().allMatch(p -> p.outcomes().isEmpty() || p.ok());
    }

    /** For the last line. */
    String result() {
        return String.format(
                Locale.ROOT,
                "eim_pct=%.2f birthday_pct=%.2f sequential_pct=%.2f",
                played.get(0).percent(),
                played.get(1).percent(),
                played.get(2).percent());
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("named cells\n");
        played.stream()
                .filter(p -> !p.outcomes().isEmpty())
                .forEach(p -> out.append("  ").append(p).append('\n'));
        return out.toString();
    }
}
