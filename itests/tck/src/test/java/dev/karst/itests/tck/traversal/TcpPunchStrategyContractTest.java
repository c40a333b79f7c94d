// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import org.junit.jupiter.api.Test;

/** That it punches is tried behind NATs, in itests/sim: no SYN meets another on loopback. */
class TcpPunchStrategyContractTest extends TraversalStrategyContract {
    @Override
    protected TraversalStrategy newStrategy() {
        return new TcpPunchStrategy();
    }

    @Override
    protected boolean dialsCandidates() {
        return false;
    }

    @Test
    void needsBothSides() {
        assertTrue(strategy.mutual());
    }

    @Test
    void saysThatItMustKnowItsAddress() {
        String why = lost(strategy.attempt(new FakeMeeting(scope, world.scope()).initiator()));
        assertTrue(why.contains("outside"), why);
    }
}
