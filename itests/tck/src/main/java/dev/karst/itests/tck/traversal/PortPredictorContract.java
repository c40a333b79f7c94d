// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link PortPredictor} must do: be quick, sober and without memory. */
public abstract class PortPredictorContract {
    private static final long SEED = 11;
    private static final int ROUNDS = 20_000;
    private static final long WARM = 500;
    private static final long SLOWEST_NANOS = 100_000_000;

    protected abstract PortPredictor newPredictor();

    private static PortSituation any(Random r) {
        List<Observation> seen = new ArrayList<>();
        for (int i = 1 + r.nextInt(8); i > 0; i--) {
            seen.add(new Observation(port(r), port(r), r.nextLong()));
        }
        List<Integer> next = new ArrayList<>();
        int base = port(r);
        boolean scattered = r.nextBoolean();
        for (int i = r.nextInt(70); i > 0; i--) {
            next.add(scattered ? port(r) : Math.min(65_535, base + next.size()));
        }
        Kind[] kinds = Kind.values();
        PortAllocation a =
                new PortAllocation(
                        kinds[r.nextInt(kinds.length)],
                        r.nextInt(8) == 0 ? r.nextInt() : r.nextInt(-64, 65),
                        r.nextDouble(),
                        r.nextInt(65_536),
                        r.nextInt(65_536),
                        r.nextInt(4) == 0 ? 1e6 * r.nextDouble() : 3 * r.nextDouble());
        Behavior[] b = Behavior.values();
        return new PortSituation(
                Protocol.values()[r.nextInt(2)],
                new Translation(b[r.nextInt(b.length)], b[r.nextInt(b.length)], a),
                seen,
                next,
                Duration.ofMillis(r.nextInt(4) == 0 ? r.nextInt(100_000) : r.nextInt(500)));
    }

    private static int port(Random r) {
        return switch (r.nextInt(8)) {
            case 0 -> 1;
            case 1 -> 65_535;
            default -> 1 + r.nextInt(65_535);
        };
    }

    @Test
    void answersWhateverItIsTold() {
        PortPredictor p = newPredictor();
        Random r = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            PortSituation s = any(r);
            long began = System.nanoTime();
            List<PortGuess> out = p.predict(s);
            long took = System.nanoTime() - began;
            String what = "seed " + SEED + ", round " + i + ": " + s;
            assertNotNull(out, what);
            assertTrue(i < WARM || took < SLOWEST_NANOS, () -> took + " ns, " + what);
            assertTrue(out.size() <= PortPredictor.MOST, () -> out.size() + " guesses, " + what);
            Set<Integer> ports = new HashSet<>();
            double before = 1;
            for (PortGuess g : out) {
                assertTrue(ports.add(g.port()), () -> "twice " + g + ", " + what);
                assertTrue(g.weight() <= before, () -> "not the likeliest first: " + what);
                before = g.weight();
            }
        }
    }

    @Test
    void keepsNothing() {
        PortPredictor p = newPredictor();
        Random r = new Random(SEED + 1);
        List<PortSituation> all = new ArrayList<>();
        List<List<PortGuess>> first = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(any(r));
            first.add(p.predict(all.get(i)));
        }
        for (int i = all.size() - 1; i >= 0; i--) {
            assertEquals(first.get(i), p.predict(all.get(i)), "another attempt, the same answer");
        }
    }
}
