// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.karst.itests.tck.traversal.FakeAttempt.Manner;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.reverse.ReverseStrategy;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReverseStrategyContractTest extends TraversalStrategyContract {
    @Override
    protected TraversalStrategy newStrategy() {
        return new ReverseStrategy();
    }

    @Override
    protected boolean initiatorDials() {
        return false;
    }

    @Test
    void whoAskedWaits() {
        FakeAttempt asking = responder();
        assertFalse(strategy.attempt(asking).toCompletableFuture().isDone());
        assertEquals(List.of("waits for the peer to connect to [tcp://10.9.9.9:1]"), asking.told());
    }

    @Test
    void datagramPlacesAreNotDialled() throws Exception {
        attempt.with("udp://203.0.113.9:9", Manner.GOOD).with(A, Manner.GOOD);
        won(strategy.attempt(attempt));
        assertEquals(1, attempt.dialled().size());
    }
}
