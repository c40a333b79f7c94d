// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepPredictorTest {
    private static List<PortGuess> of(Kind kind, int step, double arrivals, Integer... next) {
        Behavior b = Behavior.ADDRESS_AND_PORT_DEPENDENT;
        PortAllocation a = new PortAllocation(kind, step, 1, 0, 0, arrivals);
        return new StepPredictor()
                .predict(
                        new PortSituation(
                                Protocol.UDP,
                                new Translation(b, b, a),
                                List.of(new Observation(5_000, 30_000, 0)),
                                List.of(next),
                                Duration.ofMillis(200)));
    }

    private static List<Integer> ports(List<PortGuess> all) {
        return all.stream().map(PortGuess::port).toList();
    }

    @Test
    void rulesOfTheLocalPort() {
        assertEquals(List.of(7_000, 7_001), ports(of(Kind.PRESERVED, 0, 0, 7_000, 7_001)));
        assertEquals(List.of(32_000), ports(of(Kind.PRESERVING_DISTANCE, 0, 0, 7_000)));
        assertEquals(
                List.of(65_000 + 25_000 - 64_512),
                ports(of(Kind.PRESERVING_DISTANCE, 0, 0, 65_000)),
                "beyond the last port it begins anew");
    }

    @Test
    void dependentStepsNeedConsecutivePorts() {
        assertEquals(List.of(29_998, 29_996), ports(of(Kind.DEPENDENT_STEP, -2, 0, 5_001, 5_002)));
        assertEquals(List.of(29_998), ports(of(Kind.DEPENDENT_STEP, -2, 0, 5_001, 5_004)));
        assertEquals(List.of(), ports(of(Kind.DEPENDENT_STEP, 1, 0, 6_000)));
    }

    @Test
    void nothingIsKnownOfRandomOnes() {
        assertEquals(List.of(), of(Kind.RANDOM, 0, 0, 7_000));
        assertEquals(List.of(), of(Kind.UNKNOWN, 0, 0, 7_000));
    }

    /** The weight of a guess is how often it is met, whatever the rate of strangers. */
    @Test
    void weightsAreHonest() {
        Random r = new Random(3);
        for (double arrivals : new double[] {1, 5, 20}) {
            List<PortGuess> all =
                    of(Kind.INDEPENDENT_STEP, 3, arrivals, 5_001, 5_002, 5_003, 5_004);
            for (PortGuess g : all.subList(0, 3)) {
                int met = 0;
                for (int i = 0; i < 20_000; i++) {
                    int strangers = poisson(r, arrivals * 0.2);
                    int j = (g.port() - 30_000) / 3;
                    met += j > strangers && j <= strangers + 4 ? 1 : 0;
                }
                String what = arrivals + "/s " + g + " met " + met;
                assertTrue(Math.abs(met / 20_000.0 - g.weight()) < 0.02, what);
            }
        }
    }

    private static int poisson(Random r, double mean) {
        double limit = Math.exp(-mean);
        int k = 0;
        for (double p = r.nextDouble(); p > limit; p *= r.nextDouble()) {
            k++;
        }
        return k;
    }

    @Test
    void theLastOfABurstIsTheSafest() {
        assertEquals(30_000 + 4, of(Kind.INDEPENDENT_STEP, 1, 1, 1, 2, 3, 4).get(0).port());
        assertEquals(30_000 - 8, of(Kind.INDEPENDENT_STEP, -2, 1, 1, 2, 3, 4).get(0).port());
    }
}
