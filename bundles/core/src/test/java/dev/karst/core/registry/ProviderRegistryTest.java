// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.NodeEvent.ProviderChanged;
import dev.karst.NodeEvent.ProviderChanged.Change;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.registry.ProviderHandle.State;
import dev.karst.core.world.HandWorld;
import dev.karst.spi.ProviderProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the registry does about providers that misbehave, and with those that are on trial. */
class ProviderRegistryTest {
    private interface Work {
        CompletableFuture<String> go();
    }

    private final HandWorld world = new HandWorld();
    private final Counters counters = new Counters();
    private final List<ProviderChanged> events = new ArrayList<>();
    private final ProviderRegistry registry = new ProviderRegistry(world, counters, events::add);
    private long ids;

    private ProviderHandle<Work> bind(String name, String bundle, Work w) {
        Map<String, Object> p =
                Map.of("service.id", ++ids, ProviderProperties.NAME, name, "karst.bundle", bundle);
        registry.bind(Work.class, w, p);
        return registry.usable(Work.class).get(0);
    }

    private CompletableFuture<String> call(ProviderHandle<Work> h) {
        CompletableFuture<String> f =
                h.call("go", h.scope(null), Duration.ofSeconds(1), (w, s) -> w.go());
        world.run();
        return f;
    }

    private static PeerId peer(int seed) {
        byte[] key = new byte[PeerId.SIZE];
        new Random(seed).nextBytes(key);
        return PeerId.of(key);
    }

    private static Work throwing() {
        return () -> {
            throw new IllegalStateException("broken");
        };
    }

    private Change last() {
        return events.get(events.size() - 1).change();
    }

    @Test
    void quarantinesAreLongerEachTime() {
        ProviderHandle<Work> h = bind("a", "b 1", throwing());
        for (int i = 0; i < 3; i++) {
            assertTrue(h.usable());
            assertTrue(call(h).isCompletedExceptionally());
        }
        assertEquals(State.QUARANTINED, h.state());
        world.pass(Duration.ofMillis(1900));
        assertEquals(Change.QUARANTINED, last());
        assertFalse(h.usable());
        world.pass(Duration.ofMillis(200));
        assertTrue(h.usable(), "on probation");
        assertEquals(Change.ARRIVED, last());
        call(h); // once is enough now
        world.pass(Duration.ofMillis(3900));
        assertFalse(h.usable());
        world.pass(Duration.ofMillis(200));
        assertTrue(h.usable());
    }

    @Test
    void successEndsTheProbation() {
        boolean[] good = {false};
        ProviderHandle<Work> h =
                bind(
                        "a",
                        "b 1",
                        () -> {
                            if (good[0]) {
                                return CompletableFuture.completedFuture("done");
                            }
                            throw new IllegalStateException("broken");
                        });
        for (int i = 0; i < 3; i++) {
            call(h);
        }
        world.pass(3);
        good[0] = true;
        assertEquals("done", call(h).join());
        good[0] = false;
        call(h);
        assertTrue(h.usable(), "one failure after a success is no reason");
    }

    @Test
    void operatorTakesItBackAtOnce() {
        ProviderHandle<Work> h = bind("a", "b 1", throwing());
        for (int i = 0; i < 3; i++) {
            call(h);
        }
        assertFalse(h.usable());
        registry.draining(h.ref(), false);
        assertTrue(h.usable());
        world.pass(10); // the timer of the quarantine is gone
        assertEquals(State.ACTIVE, h.state());
    }

    @Test
    void whatIsDrainedIsNotTakenBackByTime() {
        ProviderHandle<Work> h = bind("a", "b 1", throwing());
        registry.draining(h.ref(), true);
        for (int i = 0; i < 3; i++) {
            call(h);
        }
        world.pass(600);
        assertEquals(State.DRAINING, h.state());
    }

    @Test
    void nothingIsKeptOfOneThatLeftInQuarantine() {
        ProviderHandle<Work> h = bind("a", "b 1", throwing());
        for (int i = 0; i < 3; i++) {
            call(h);
        }
        registry.unbind(Work.class, Map.of("service.id", ids));
        world.pass(600);
        assertEquals(State.GONE, h.state());
    }

    @Test
    void trialServesItsShareOnly() {
        ProviderHandle<Work> old = bind("a", "b 1", () -> null);
        Subscription trial = registry.tryOut(new Trial("b 2", 0.1));
        ProviderHandle<Work> fresh = bind("a", "b 2", () -> null);
        assertNotSame(old, fresh);
        int served = 0;
        for (int i = 0; i < 2000; i++) {
            PeerId p = peer(i);
            ProviderHandle<Work> first = registry.usable(Work.class, p).get(0);
            assertSame(first, registry.usable(Work.class, p).get(0));
            served += first == fresh ? 1 : 0;
        }
        assertTrue(served > 140 && served < 260, served + " of 2000");
        assertSame(old, registry.usable(Work.class, null).get(0), "whoever it may be");
        trial.close();
        assertSame(fresh, registry.usable(Work.class, peer(1)).get(0));
        assertTrue(registry.onTrial().isEmpty());
    }

    @Test
    void trialOfTheOnlyOneServesAll() {
        Subscription trial = registry.tryOut(new Trial("b 2", 0.001));
        ProviderHandle<Work> fresh = bind("a", "b 2", () -> null);
        bind("other", "c 1", () -> null);
        for (int i = 0; i < 100; i++) {
            assertTrue(registry.usable(Work.class, peer(i)).contains(fresh));
        }
        trial.close();
    }

    @Test
    void scoreCountsWhatWasNotCalledOff() {
        List<CompletableFuture<String>> open = new ArrayList<>();
        ProviderHandle<Work> h =
                bind(
                        "a",
                        "b 1",
                        () -> {
                            open.add(new CompletableFuture<>());
                            return open.get(open.size() - 1);
                        });
        call(h);
        call(h);
        var scope = h.scope(null);
        h.call("go", scope, Duration.ofSeconds(1), (w, s) -> w.go());
        world.run();
        open.get(0).complete("done");
        open.get(1).completeExceptionally(new IllegalStateException("no"));
        scope.cancel();
        assertEquals(1, h.score().with(Duration.ZERO).succeeded());
        assertEquals(1, h.score().with(Duration.ZERO).failed());
    }
}
