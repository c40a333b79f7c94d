// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.Unsolicited;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TCP simultaneous open between port-preserving boxes, whatever they answer to strangers. */
class TcpPunchTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private final TraversalStrategy strategy = new TcpPunchStrategy();

    @ParameterizedTest
    @EnumSource
    void meetsWhateverTheBoxesAnswer(Unsolicited ofA) {
        for (Unsolicited ofB : Unsolicited.values()) {
            for (int seed = 0; seed < 10; seed++) {
                Meeting m =
                        new Meeting(
                                seed,
                                NatPolicy.home().withUnsolicited(ofA),
                                NatPolicy.home().withUnsolicited(ofB));
                assertTrue(m.run(strategy, LIMIT), () -> ofA + " x " + ofB + "\n" + m.story());
            }
        }
    }

    @Test
    void meetsThroughAFirewallAndBySymmetricBoxesThatPreserve() {
        NatPolicy firewall = NatPolicy.firewall(Dependence.ADDRESS_AND_PORT_DEPENDENT);
        NatPolicy preserving =
                NatPolicy.home()
                        .withBoth(r -> r.withMapping(Dependence.ADDRESS_AND_PORT_DEPENDENT));
        for (int seed = 0; seed < 20; seed++) {
            Meeting m = new Meeting(seed, firewall, preserving);
            assertTrue(m.run(strategy, LIMIT), () -> m.story());
            assertTrue(m.a.attempt.tookMillis() < 1_500, m.story());
        }
    }

    @Test
    void saysWhatItHeardWherePortsMove() {
        Meeting m = new Meeting(1, NatPolicy.home(), NatPolicy.symmetric());
        assertFalse(m.run(strategy, LIMIT));
        assertTrue(m.a.attempt.story().contains("no SYN met the peer's"), m.story());
    }

    @Test
    void withoutMessagesThereIsNoMoment() {
        Meeting m = new Meeting(1, NatPolicy.home(), NatPolicy.home());
        m.deaf = true;
        assertFalse(m.run(strategy, LIMIT));
        assertTrue(m.a.attempt.story().contains("does not answer messages"), m.story());
        assertTrue(m.b.attempt.story().contains("named no moment"), m.story());
    }

    @Test
    void cancellingLeavesNothing() {
        for (int seed = 0; seed < 100; seed++) {
            Meeting m = new Meeting(seed, NatPolicy.home(), NatPolicy.home());
            m.run(strategy, Duration.ofMillis(seed * 8));
            m.a.attempt.cancel();
            m.b.attempt.cancel();
            m.w.world().run(Duration.ofSeconds(1));
            assertTrue(m.a.attempt.ended() && m.b.attempt.ended(), "seed " + seed);
            assertEquals(0, m.a.attempt.simScope().openSockets());
        }
    }
}
