// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.predict.PredictStrategy;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** That it finds paths is tried behind NATs, in itests/sim. */
class PredictStrategyContractTest extends TraversalStrategyContract {
    private static final InetSocketAddress SERVER = new InetSocketAddress("198.51.100.1", 3478);

    @Override
    protected TraversalStrategy newStrategy() {
        return new PredictStrategy();
    }

    @Override
    protected boolean dialsCandidates() {
        return false;
    }

    private static NatProfile symmetric(String seen, boolean server) {
        PortAllocation up = new PortAllocation(Kind.INDEPENDENT_STEP, 1, 1, 2_000, 2_100, 0);
        Behavior b = Behavior.ADDRESS_AND_PORT_DEPENDENT;
        NatBehavior.Builder n =
                NatBehavior.builder()
                        .udp(new Translation(b, b, up))
                        .mapped(new InetSocketAddress(seen, 2_000));
        return NatProfile.of((server ? n.server(SERVER) : n).build());
    }

    private String lostBetween(NatProfile here, NatProfile there) {
        FakeMeeting m = new FakeMeeting(scope, world.scope()).between(here, there);
        return lost(strategy.attempt(m.initiator()));
    }

    @Test
    void needsBothSides() {
        assertTrue(strategy.mutual());
    }

    @Test
    void triesNoPrivateAddress() {
        for (String there : new String[] {"10.0.0.1", "127.0.0.1", "100.64.0.1", "169.254.1.1"}) {
            String why = lostBetween(symmetric("203.0.113.1", true), symmetric(there, true));
            assertTrue(why.contains("public address"), why);
        }
    }

    @Test
    void saysThatItNeedsAServer() {
        String why = lostBetween(symmetric("203.0.113.1", false), symmetric("203.0.113.2", true));
        assertTrue(why.contains("STUN server"), why);
    }
}
