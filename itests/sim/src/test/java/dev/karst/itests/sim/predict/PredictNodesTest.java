// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Peer;
import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.traversal.predict.PredictStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whole nodes that learn their NATs themselves. */
class PredictNodesTest {
    private static final NatPolicy UP =
            NatPolicy.symmetric().withAllocation(Allocation.independent(1));

    private static Homes homes(long seed, NatPolicy a, NatPolicy b) {
        return new Homes(seed, a, b)
                .with(new PredictStrategy(), "predict")
                .with(new UdpPunchStrategy(), "udppunch");
    }

    private static Peer met(Homes h) {
        Peer p = h.learn(Duration.ofSeconds(30)).connect().orElse(null);
        assertTrue(p != null, h::story);
        assertTrue(p.report().verdict().contains("predict"), h::story);
        return p;
    }

    @Test
    void twoSequencesMeetWithinASecond() {
        Peer p = met(homes(1, UP, UP));
        assertTrue(p.report().took().toMillis() < 1_000, p.report().toString());
        met(homes(2, UP.withBackground(3), UP.withBackground(3)));
        met(homes(3, UP, NatPolicy.symmetric().withAllocation(Allocation.dependent(2))));
    }

    @Test
    void aHomeMeetsRandomPorts() {
        for (int seed = 1; seed <= 3; seed++) {
            boolean turn = seed % 2 == 0;
            NatPolicy a = turn ? NatPolicy.home() : NatPolicy.symmetric();
            NatPolicy b = turn ? NatPolicy.symmetric() : NatPolicy.home();
            Peer p = met(homes(seed, a, b));
            assertTrue(p.report().took().toMillis() < 20_000, p.report().toString());
        }
    }

    @Test
    void tcpMeetsWhereUdpIsBlocked() {
        NatPolicy blocked = NatPolicy.home().withAllocation(Allocation.random()).withUdpBlocked();
        met(homes(1, blocked, UP));
        met(homes(2, UP, blocked));
    }

    /** A vendor's goes first; one that fails is passed over, and in the end out of use. */
    @Test
    void installedPredictorsAreAsked() {
        Homes h = homes(1, UP, UP);
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger broken = new AtomicInteger();
        PortPredictor vendor =
                s -> {
                    asked.incrementAndGet();
                    int last = s.seen().get(s.seen().size() - 1).external();
                    return List.of(new PortGuess(last + s.next().size(), 0.9));
                };
        PortPredictor bad =
                s -> {
                    broken.incrementAndGet();
                    throw new IllegalStateException("no idea");
                };
        h.a().add(PortPredictor.class, vendor, "vendor");
        h.a().add(PortPredictor.class, bad, "bad"); // the newer is asked first
        met(h);
        assertTrue(asked.get() > 0 && broken.get() > 0, asked + " " + broken);
        assertTrue(h.story().contains("(installed)"), h::story);
    }
}
