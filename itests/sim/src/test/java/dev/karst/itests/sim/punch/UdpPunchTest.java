// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.NatConfig;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.RfcConfigs;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UDP punching between all kinds of NATs. */
class UdpPunchTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private final TraversalStrategy strategy = new UdpPunchStrategy();

    /** What the odds promise is what happens. */
    @Test
    void theOddsAreRightForEveryPair() {
        List<String> wrong = new ArrayList<>();
        List<NatConfig> all = RfcConfigs.all();
        for (int i = 0; i < all.size(); i++) {
            for (int j = i % 3; j <= i; j += 3) {
                NatConfig x = all.get((i + j) % 2 == 0 ? i : j); // now one asks, now the other
                NatConfig y = all.get((i + j) % 2 == 0 ? j : i);
                Meeting m = new Meeting(i * 100L + j, x.policy(), y.policy());
                boolean won = m.run(strategy, LIMIT);
                double chance =
                        strategy.estimate(SimAttempt.profile(m.a), SimAttempt.profile(m.b))
                                .chance();
                if (won != chance > 0.5) {
                    wrong.add(x.name() + " x " + y.name() + ": " + chance + " but " + won);
                }
            }
        }
        assertEquals(List.of(), wrong.stream().limit(40).toList(), wrong.size() + " wrong");
    }

    @Test
    void twoHomesMeetInFourRoundTripsAndALittle() {
        for (int seed = 0; seed < 50; seed++) {
            Meeting m = new Meeting(seed, NatPolicy.home(), NatPolicy.home());
            assertTrue(m.run(strategy, LIMIT), () -> m.story());
            long took = m.a.attempt.tookMillis();
            assertTrue(took < 4 * 80 + 300, "seed " + seed + ": " + took + " ms\n" + m.story());
            assertFalse(m.a.attempt.relayUsed());
        }
    }

    @Test
    void symmetricOnesMeetByTheRelay() {
        for (int seed = 0; seed < 50; seed++) {
            Meeting m = new Meeting(seed, NatPolicy.symmetric(), NatPolicy.symmetric());
            m.relays = true;
            assertTrue(m.run(strategy, LIMIT), () -> m.story());
            long took = m.a.attempt.tookMillis();
            assertTrue(took < 1_160, "seed " + seed + ": " + took + " ms\n" + m.story());
        }
    }

    @Test
    void theRelayDoesNotTakeThePlaceOfADirectPath() {
        for (int seed = 0; seed < 50; seed++) {
            Meeting m = new Meeting(seed, NatPolicy.home(), NatPolicy.home());
            m.relays = true;
            m.skew = Duration.ofMillis(250); // the relay is asked for before the peer takes part
            assertTrue(m.run(strategy, LIMIT), () -> m.story());
            assertFalse(m.a.attempt.relayUsed() || m.b.attempt.relayUsed(), () -> m.story());
        }
    }

    @Test
    void whatCannotBeIsSaid() {
        Meeting m = new Meeting(1, NatPolicy.symmetric(), NatPolicy.home());
        assertFalse(m.run(strategy, LIMIT));
        String story = m.b.attempt.story();
        assertTrue(story.contains("the peer's NAT maps by destination to random ports"), story);
        assertTrue(story.contains("nothing came from there"), story);
        assertTrue(story.contains("no relay: no relay here"), story);
        assertTrue(m.a.attempt.story().contains("our NAT maps by destination"), m.story());
    }

    @Test
    void cancellingLeavesNothing() {
        for (int seed = 0; seed < 100; seed++) {
            Meeting m = new Meeting(seed, NatPolicy.home(), NatPolicy.home());
            m.run(strategy, Duration.ofMillis(seed * 4));
            m.a.attempt.cancel();
            m.b.attempt.cancel();
            m.w.world().run(Duration.ofSeconds(1));
            assertTrue(m.a.attempt.ended() && m.b.attempt.ended(), "seed " + seed);
            assertEquals(0, m.a.attempt.simScope().openSockets());
        }
    }
}
