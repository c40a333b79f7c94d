// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.itests.tck.traversal.FakeAttempt.Manner;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link TraversalStrategy} must do. */
@Timeout(30)
public abstract class TraversalStrategyContract {
    protected static final String A = "tcp://203.0.113.1:1";
    protected static final String B = "tcp://[2001:db8::2]:2";
    protected static final String C = "tcp://10.0.0.3:3";

    protected final LocalWorld world = LocalWorld.netty();
    protected final CoreScope scope = world.scope();
    protected final FakeAttempt attempt = new FakeAttempt(scope, initiatorDials());
    protected final TraversalStrategy strategy = newStrategy();

    protected abstract TraversalStrategy newStrategy();

    /** Whether it dials the candidates that the peer named; most of the contract is about that. */
    protected boolean dialsCandidates() {
        return true;
    }

    /** Whether the side that asked for the attempt is the one that dials. */
    protected boolean initiatorDials() {
        return true;
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** The other side of the attempt. */
    protected final FakeAttempt responder() {
        return new FakeAttempt(scope, !initiatorDials());
    }

    protected static Path won(CompletionStage<? extends Path> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** The reason why it failed, in words. */
    protected static String lost(CompletionStage<? extends Path> stage) {
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> stage.toCompletableFuture().get(10, TimeUnit.SECONDS));
        assertNotNull(e.getCause().getMessage(), "the reason in words");
        return e.getCause().getMessage();
    }

    private void good(FakeAttempt a, String winner) throws Exception {
        if (!dialsCandidates()) {
            return;
        }
        Path p = won(strategy.attempt(a));
        assertEquals(Endpoint.parse(winner), p.remote());
        await().until(() -> a.open().equals(java.util.List.of(p.remote())));
        assertFalse(a.told().isEmpty(), "evidence");
        scope.cancel();
        assertEquals(1, a.open().size(), "the winner is not the strategy's to close");
    }

    @Test
    void estimatesEveryPairAtOnceAndInBounds() {
        for (Behavior lm : Behavior.values()) {
            for (Behavior lf : Behavior.values()) {
                for (Behavior rm : Behavior.values()) {
                    for (Behavior rf : Behavior.values()) {
                        Odds o = strategy.estimate(profile(lm, lf), profile(rm, rf));
                        assertTrue(o.chance() >= 0 && o.chance() <= 1);
                        assertTrue(!o.time().isNegative() && o.packets() >= 0);
                    }
                }
            }
        }
    }

    private static NatProfile profile(Behavior mapping, Behavior filtering) {
        return NatProfile.of(NatBehavior.builder().udp(mapping, filtering).build());
    }

    @Test
    void takesTheCandidateThatWorks() throws Exception {
        good(attempt.with(A, Manner.GOOD), A);
    }

    @Test
    void goesOnAfterARefusal() throws Exception {
        good(attempt.with(A, Manner.REFUSES).with(B, Manner.GOOD), B);
    }

    @Test
    void doesNotWaitForSilence() throws Exception {
        long began = System.nanoTime();
        good(attempt.with(A, Manner.SILENT).with(B, Manner.MUTE).with(C, Manner.GOOD), C);
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        assertTrue(took < 5_000, took + " ms");
    }

    @Test
    void isNotFooledByAnotherPeer() throws Exception {
        good(attempt.with(A, Manner.FORGED).with(B, Manner.GOOD), B);
    }

    @Test
    void isNotEndedByADialThatThrows() throws Exception {
        good(attempt.with(A, Manner.THROWS).with(B, Manner.GOOD), B);
    }

    @Test
    void keepsOneOfMany() throws Exception {
        if (dialsCandidates()) {
            attempt.with(A, Manner.GOOD).with(B, Manner.GOOD).with(C, Manner.SLOW);
            Path p = won(strategy.attempt(attempt));
            await().until(() -> attempt.open().equals(java.util.List.of(p.remote())));
        }
    }

    @Test
    void saysWhyItFoundNothing() {
        if (dialsCandidates()) {
            attempt.with(A, Manner.REFUSES).with(B, Manner.FORGED).with(C, Manner.THROWS);
            String why = lost(strategy.attempt(attempt));
            assertFalse(why.isBlank());
            assertTrue(attempt.open().isEmpty());
        }
    }

    @Test
    void failsWithNothingToTry() {
        lost(strategy.attempt(attempt));
        assertTrue(attempt.dialled().isEmpty());
    }

    @Test
    void endsWhenCancelled() {
        attempt.with(A, Manner.SILENT).with(B, Manner.MUTE).with(C, Manner.SLOW);
        CompletionStage<? extends Path> stage = strategy.attempt(attempt);
        if (dialsCandidates()) {
            await().until(() -> attempt.dialled().size() == 3);
        }
        scope.cancel();
        await().until(() -> stage.toCompletableFuture().isDone());
        assertTrue(stage.toCompletableFuture().isCompletedExceptionally());
        await().until(() -> attempt.open().isEmpty());
        if (attempt.dialled().contains(Endpoint.parse(C))) {
            await().until(() -> attempt.opened() > 1); // the slow one comes too late
            await().until(() -> attempt.open().isEmpty());
        }
    }

    @Test
    void neverWorksInACancelledScope() {
        attempt.with(A, Manner.GOOD);
        scope.cancel();
        var ended = strategy.attempt(attempt).toCompletableFuture();
        await().until(ended::isDone);
        assertTrue(ended.isCompletedExceptionally());
        assertTrue(attempt.open().isEmpty());
    }

    @Test
    void theOtherSideEnds() {
        FakeAttempt other = responder().with(A, Manner.SILENT);
        CompletionStage<? extends Path> stage = strategy.attempt(other);
        scope.cancel();
        await().until(() -> stage.toCompletableFuture().isDone());
    }
}
