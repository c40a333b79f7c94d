// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.core.Counters;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.RealWorld;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuessesTest {
    private static final PortSituation SITUATION =
            new PortSituation(
                    Protocol.UDP,
                    Translation.unknown(),
                    List.of(new Observation(1, 2, 3)),
                    List.of(4),
                    Duration.ZERO);
    private final Counters counters = new Counters();
    private final RealWorld world = new RealWorld(counters);
    private final ProviderRegistry registry = new ProviderRegistry(world, counters, e -> {});
    private final CountDownLatch hold = new CountDownLatch(1);
    private int services;

    @AfterEach
    void stop() {
        hold.countDown();
        registry.clear();
        world.close();
    }

    private void add(String name, int ranking, PortPredictor p) {
        registry.bind(
                PortPredictor.class,
                p,
                Map.of("karst.name", name, "service.id", ++services, "service.ranking", ranking));
    }

    private List<Integer> ask() throws Exception {
        return Guesses.of(registry, SITUATION).get(5, TimeUnit.SECONDS).stream()
                .map(PortGuess::port)
                .toList();
    }

    private static PortPredictor says(int... ports) {
        return s -> IntStream.of(ports).mapToObj(p -> new PortGuess(p, 0.5)).toList();
    }

    @Test
    void theBestThatHasAnOpinionIsBelieved() throws Exception {
        assertEquals(List.of(), ask());
        add("low", 1, says(10, 11));
        add("high", 9, s -> List.of());
        add("middle", 5, says(20));
        assertEquals(List.of(20), ask());
    }

    @Test
    void whoThrowsOrHangsIsPassedOverAndPutAside() throws Exception {
        add("good", 0, says(30));
        add(
                "throws",
                2,
                s -> {
                    throw new IllegalStateException("broken");
                });
        add("null", 3, s -> null);
        add("nulls", 4, s -> Collections.singletonList(null));
        add(
                "hangs",
                5,
                s -> {
                    try {
                        hold.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return List.of(new PortGuess(1, 1));
                });
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of(30), ask());
        }
        assertEquals(
                List.of("good"),
                registry.usable(PortPredictor.class).stream().map(h -> h.ref().name()).toList());
        assertEquals(1, counters.snapshot().get("provider.abandoned-threads"));
    }

    @Test
    void endlessOnesAreCutOff() throws Exception {
        add("endless", 0, s -> Collections.nCopies(1_000_000, new PortGuess(5, 1)));
        assertTrue(ask().size() == PortPredictor.MOST);
    }
}
