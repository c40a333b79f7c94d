// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.itests.tck.traversal.FakeAttempt.Manner;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.direct.DirectStrategy;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DirectStrategyContractTest extends TraversalStrategyContract {
    @Override
    protected TraversalStrategy newStrategy() {
        return new DirectStrategy();
    }

    @Test
    void theResponderWaits() {
        assertEquals("waits for the initiator", lost(strategy.attempt(responder())));
    }

    @Test
    void racesFamiliesInTurn() throws Exception {
        String fourth = "tcp://203.0.113.4:4";
        attempt.with(A, Manner.REFUSES).with(fourth, Manner.GOOD).with(B, Manner.REFUSES);
        won(strategy.attempt(attempt));
        assertEquals(Stream.of(A, B, fourth).map(Endpoint::parse).toList(), attempt.dialled());
    }

    @Test
    void tellsTheStoryOfEachCandidate() throws Exception {
        attempt.with(A, Manner.REFUSES).with(B, Manner.FORGED).with(C, Manner.GOOD);
        won(strategy.attempt(attempt));
        List<String> story =
                attempt.told().stream().map(l -> l.replaceAll("\\d+ ms", "N ms")).toList();
        assertEquals(
                List.of(
                        A + " refused after N ms",
                        B + " connected after N ms",
                        B + " not proven: another peer after N ms",
                        C + " connected after N ms",
                        C + " proved the peer after N ms"),
                story);
    }

    @Test
    void sumsUpWhatFailed() {
        attempt.with(A, Manner.REFUSES).with(C, Manner.FORGED);
        assertEquals(
                "no candidate led to the peer: "
                        + A
                        + " refused; "
                        + C
                        + " not proven: another peer",
                lost(strategy.attempt(attempt)));
    }

    @Test
    void aLateWinnerBeatsACandidateThatIsStuckInItsProof() throws Exception {
        long began = System.nanoTime();
        attempt.with(C, Manner.MUTE).with(A, Manner.GOOD);
        assertEquals(Endpoint.parse(A), won(strategy.attempt(attempt)).remote());
        assertTrue(System.nanoTime() - began < 2_000_000_000L);
        assertEquals(1, attempt.open().size(), "the stuck one was closed");
    }
}
