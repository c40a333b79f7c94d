// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.Allocation.Clash;
import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.Unsolicited;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.traversal.predict.PredictStrategy;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A pinned part of {@link PredictTable}, and what it does not show. */
class PredictTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SIGNAL = Duration.ofMillis(80);
    private final PredictStrategy strategy = new PredictStrategy();

    private static NatPolicy symmetric(Allocation a) {
        return NatPolicy.symmetric().withAllocation(a);
    }

    private static Map<String, NatPolicy> ruled() {
        Map<String, NatPolicy> out = new LinkedHashMap<>();
        out.put("home", NatPolicy.home());
        out.put("firewall", NatPolicy.firewall(Dependence.ADDRESS_AND_PORT_DEPENDENT));
        out.put("preserved", symmetric(Allocation.preserve()));
        out.put("distance", symmetric(Allocation.preserveDistance()));
        out.put("up", symmetric(Allocation.independent(3)));
        out.put("down", symmetric(Allocation.independent(-2)));
        out.put("dependent", symmetric(Allocation.dependent(-1)));
        return out;
    }

    @Test
    void everyRuleMeetsEveryOther() {
        Map<String, NatPolicy> all = ruled();
        for (String x : all.keySet()) {
            for (String y : all.keySet()) {
                boolean plain = (x + y).matches("(home|firewall)+");
                for (int seed = 0; seed < 5 && !plain; seed++) {
                    Trial t = new Trial(seed, all.get(x), all.get(y));
                    String name = x + " x " + y + ", seed " + seed + "\n";
                    assertTrue(t.run(strategy, LIMIT), () -> name + t.story());
                    assertTrue(t.tookMillis() < 1_500, name + t.tookMillis());
                }
            }
        }
    }

    @Test
    void tcpIsPredictedWhereUdpIsBlocked() {
        NatPolicy blocked = NatPolicy.home().withAllocation(Allocation.random()).withUdpBlocked();
        for (NatPolicy other :
                new NatPolicy[] {
                    blocked,
                    symmetric(Allocation.independent(1)),
                    symmetric(Allocation.dependent(2)),
                    symmetric(Allocation.preserveDistance()).withUdpBlocked()
                }) {
            for (Unsolicited answers : Unsolicited.values()) {
                Trial t = new Trial(7, other.withUnsolicited(answers), blocked);
                assertTrue(t.run(strategy, LIMIT), () -> other + " " + t.story());
            }
        }
    }

    @Test
    void strangersDoNotMatter() {
        double half = 0.5 / Sequences.DELAY;
        for (double rate : new double[] {half, 4 * half}) {
            Sequences.Score s = new Sequences(rate, false).play(1, 200);
            assertTrue(s.met() >= 198, () -> s.met() + " of 200\n" + s.failure());
            assertTrue(s.first() >= 190, () -> s.first() + " of 200 in the first round");
        }
    }

    @Test
    void theSpreadKeepsItsPromise() {
        Spread.Score all = new Spread(0, 64_512).play(1, 300);
        assertTrue(all.met() >= 290, () -> all.met() + " of 300\n" + all.failure());
        assertTrue(all.worstMillis() < 20_000, () -> all.worstMillis() + " ms");
        Spread.Score few = new Spread(64, 16_384).play(1, 200);
        assertTrue(few.met() >= 190, () -> few.met() + " of 200\n" + few.failure());
        assertTrue(few.failure().isEmpty() || few.failure().contains("gives no more mappings"));
    }

    @Test
    void lossAndSlowMessagesDelayOnly() {
        LinkProfile lossy = LinkProfile.of(Duration.ofMillis(20)).withLoss(0.05);
        LinkProfile far = LinkProfile.of(Duration.ofMillis(80));
        NatPolicy up = symmetric(Allocation.independent(1));
        for (int seed = 0; seed < 40; seed++) {
            Trial a = new Trial(seed, up, up, lossy, SIGNAL);
            assertTrue(a.run(strategy, LIMIT), () -> a.story());
            Trial b = new Trial(seed, up, NatPolicy.home(), far, Duration.ofMillis(400));
            assertTrue(b.run(strategy, LIMIT), () -> b.story());
        }
    }

    @Test
    void whereNothingCanBeKnownNothingIsSent() {
        Trial t = new Trial(1, NatPolicy.symmetric(), NatPolicy.symmetric());
        assertEquals(0, strategy.estimate(t.a.localNat(), t.b.localNat()).chance());
        assertFalse(t.run(strategy, LIMIT));
        assertEquals(0, t.mappings(true) + t.mappings(false));
    }

    /** A box with 64 ports that takes them from the oldest: no more than 64 are of use. */
    @Test
    void aQuotaThatDropsTheOldestIsNoticed() {
        Allocation few = Allocation.independent(1).withRange(30_000, 30_063).withClash(Clash.STEAL);
        Trial t = new Trial(1, symmetric(few), NatPolicy.home()).believed(true, Kind.RANDOM);
        t.run(strategy, LIMIT);
        assertTrue(t.story().contains("64 sockets opened, as the NAT drops old"), t.story());
    }

    /** A peer may name whom it likes: packets go where servers saw it, or nowhere. */
    @Test
    void nothingIsSentToAnAddressThatOnlyThePeerNames() {
        NatPolicy up = symmetric(Allocation.independent(1));
        Trial t = new Trial(1, up, up);
        t.messages(
                false,
                m -> {
                    if (m[0] == 4) { // PLACE: the address is after round and time
                        m[10] = (byte) 198;
                    }
                    return m;
                });
        assertFalse(t.run(strategy, LIMIT));
        assertTrue(t.story().contains("where no server saw it"), t.story());
        assertTrue(t.mappings(true) <= 8, "STUN only: " + t.mappings(true));
    }

    @Test
    void brokenMessagesEndNothing() {
        for (int seed = 0; seed < 100; seed++) {
            Random r = new Random(seed);
            Trial t = new Trial(seed, symmetric(Allocation.preserve()), NatPolicy.home());
            t.messages(
                    seed % 2 == 0,
                    m -> {
                        if (r.nextInt(3) == 0) {
                            m[r.nextInt(m.length)] = (byte) r.nextInt();
                        }
                        return r.nextInt(8) == 0 ? Arrays.copyOf(m, r.nextInt(m.length)) : m;
                    });
            t.run(strategy, Duration.ofMinutes(2));
            String name = "seed " + seed + "\n";
            assertTrue(t.ended(), () -> name + t.story());
        }
    }

    @Test
    void cancellingLeavesNothing() {
        NatPolicy up = symmetric(Allocation.independent(1));
        for (int seed = 0; seed < 60; seed++) {
            boolean spread = seed % 2 == 0;
            Trial t = new Trial(seed, spread ? NatPolicy.symmetric() : up, NatPolicy.home());
            t.run(strategy, Duration.ofMillis(seed * (spread ? 60 : 10)));
            t.cancel();
            assertTrue(t.ended(), "seed " + seed);
            assertEquals(0, t.openSockets(), "seed " + seed);
        }
    }

    /** What one socket sends leaves no more than 100 in any second, after a start of 20. */
    @Test
    void theSpreadIsBoundedAndPaced() {
        Trial t = new Trial(3, NatPolicy.symmetric().withQuota(1), NatPolicy.home());
        long before = t.w.world().nanoTime();
        assertFalse(t.run(new PredictStrategy(1_024, 64), LIMIT));
        double seconds = (t.w.world().nanoTime() - before) / 1e9;
        assertTrue(seconds > 1_004 / 100.0 && seconds < 25, seconds + " s\n" + t.story());
    }
}
