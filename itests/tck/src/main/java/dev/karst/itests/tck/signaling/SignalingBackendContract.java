// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.signaling;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.lib.record.Ed25519;
import dev.karst.spi.signaling.SignalingBackend;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link SignalingBackend} must do, over a server on this machine that loses nothing;
 * the subclass says which one. Repeating and reordering is allowed.
 */
@Timeout(30)
public abstract class SignalingBackendContract {
    private static final int LATE = 20;
    protected final LocalWorld world = LocalWorld.netty();
    private final CoreScope scope = world.scope();
    private final PeerId bob = somebody();
    private final Inbox atBob = new Inbox();

    /** A new one, as on another node, each time; all at the same server. */
    protected abstract SignalingBackend newBackend();

    @AfterEach
    void close() {
        world.close();
    }

    private static PeerId somebody() {
        return PeerId.of(Ed25519.generate(new SecureRandom()).publicKey());
    }

    private static byte[] signal(long seed, int size) {
        byte[] b = new byte[size];
        new Random(seed).nextBytes(b);
        return b;
    }

    private static void assertFails(CompletionStage<Void> stage) {
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> stage.toCompletableFuture().get(15, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, e.getCause());
        assertFalse(e.getCause().getMessage().isBlank(), "the reason in words");
    }

    /** Bob receives; where he can be signaled. */
    private Endpoint bobListens() {
        newBackend().receive(bob, atBob, scope);
        return atBob.reachable().get(0);
    }

    @Test
    void aSignalArrives() {
        Endpoint via = bobListens();
        byte[] signal = signal(1, 300);
        get(newBackend().send(bob, via, signal, scope));
        atBob.awaits(signal);
    }

    @Test
    void aSignalArrivesFromOneWhoReceivesToo() {
        Endpoint via = bobListens();
        SignalingBackend backend = newBackend();
        PeerId alice = somebody();
        Inbox atAlice = new Inbox();
        backend.receive(alice, atAlice, scope);
        Endpoint back = atAlice.reachable().get(0);
        byte[] ask = signal(2, 1);
        byte[] answer = signal(3, 2000);
        get(backend.send(bob, via, ask, scope));
        atBob.awaits(ask);
        get(newBackend().send(alice, back, answer, scope));
        atAlice.awaits(answer);
        assertFalse(atAlice.has(ask), "heard itself");
    }

    @Test
    void reachesEveryEndpointItToldAndNoOtherScheme() {
        bobListens();
        SignalingBackend backend = newBackend();
        for (Endpoint told : atBob.reachable()) {
            assertTrue(backend.reaches(told), told.toString());
        }
        Endpoint strange = Endpoint.of("x-nobodys", "127.0.0.1", 1);
        assertFalse(backend.reaches(strange));
        assertFails(backend.send(bob, strange, signal(4, 10), scope));
    }

    @Test
    void theLongestSignalPassesALongerOneFailsAlone() {
        Endpoint via = bobListens();
        SignalingBackend backend = newBackend();
        byte[] before = signal(5, 50);
        byte[] tooLong = signal(6, SignalingBackend.MAX_SIGNAL + 1);
        byte[] longest = signal(7, SignalingBackend.MAX_SIGNAL);
        CompletionStage<Void> first = backend.send(bob, via, before, scope);
        assertFails(backend.send(bob, via, tooLong, scope));
        get(backend.send(bob, via, longest, scope));
        get(first);
        atBob.awaits(before);
        atBob.awaits(longest);
        assertFalse(atBob.has(tooLong));
    }

    @Test
    void sendingInACancelledScopeFails() {
        Endpoint via = bobListens();
        CoreScope over = world.scope();
        over.cancel();
        assertFails(newBackend().send(bob, via, signal(8, 10), over));
    }

    /** Where the connection is open already, nothing else would stop it. */
    @Test
    void sendingInACancelledScopeFailsOverAnOpenConnectionTooAndSendsNothing() {
        Endpoint via = bobListens();
        CoreScope over = world.scope();
        over.cancel();
        SignalingBackend receiving = newBackend();
        Inbox own = new Inbox();
        receiving.receive(somebody(), own, scope);
        own.reachable();
        for (int i = 0; i < LATE; i++) { // one alone might be lost or late by chance
            assertFails(receiving.send(bob, via, signal(100 + i, 10), over));
        }
        byte[] next = signal(10, 10);
        get(receiving.send(bob, via, next, scope));
        atBob.awaits(next);
        for (int i = 0; i < LATE; i++) {
            assertFalse(atBob.has(signal(100 + i, 10)), "sent for a cancelled scope: " + i);
        }
    }

    @Test
    void closingTheSubscriptionEndsDelivery() {
        Inbox former = new Inbox();
        Subscription subscription = newBackend().receive(bob, former, scope);
        former.reachable();
        subscription.close();
        subscription.close(); // twice is once
        assertDeliversOnlyAnew(former);
    }

    @Test
    void cancellingTheScopeEndsDelivery() {
        Inbox former = new Inbox();
        CoreScope ends = world.scope();
        newBackend().receive(bob, former, ends);
        former.reachable();
        ends.cancel();
        assertDeliversOnlyAnew(former);
    }

    private void assertDeliversOnlyAnew(Inbox former) {
        Endpoint via = bobListens();
        byte[] signal = signal(11, 100);
        get(newBackend().send(bob, via, signal, scope));
        atBob.awaits(signal);
        assertTrue(former.isEmpty(), "delivered after the end");
    }

    @Test
    void signalsToOthersStayWithThem() {
        Endpoint via = bobListens();
        PeerId carol = somebody();
        Inbox atCarol = new Inbox();
        newBackend().receive(carol, atCarol, scope);
        byte[] toCarol = signal(12, 100);
        byte[] toBob = signal(13, 100);
        SignalingBackend sender = newBackend();
        get(sender.send(carol, atCarol.reachable().get(0), toCarol, scope));
        atCarol.awaits(toCarol);
        get(sender.send(bob, via, toBob, scope));
        atBob.awaits(toBob);
        assertFalse(atBob.has(toCarol), "Carol's signal came to Bob");
        assertFalse(atCarol.has(toBob), "Bob's signal came to Carol");
    }
}
