// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.core.world.CoreScope;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Path;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every strategy must do that needs both sides and UDP. */
public abstract class PunchStrategyContract extends TraversalStrategyContract {
    private static final int ROUNDS = 300;

    private final CoreScope there = world.scope();
    protected final FakeMeeting meeting = new FakeMeeting(scope, there);

    @Override
    protected final boolean dialsCandidates() {
        return false;
    }

    @AfterEach
    void noRuleWasBroken() {
        assertEquals(List.of(), meeting.violations());
    }

    private void meet() throws Exception {
        CompletionStage<? extends Path> a = strategy.attempt(meeting.initiator());
        CompletionStage<? extends Path> b = strategy.attempt(meeting.responder());
        Path here = won(a);
        Path other = won(b);
        assertEquals(here.local().port(), other.remote().port());
        assertEquals(here.remote().port(), other.local().port());
        assertFalse(meeting.initiator().told().isEmpty(), "evidence");
        scope.cancel();
        there.cancel();
        assertEquals(1, meeting.initiator().open().size(), "the winner is not its to close");
    }

    @Test
    void needsBothSides() {
        assertTrue(strategy.mutual());
    }

    @Test
    void bothSidesMeet() throws Exception {
        meeting.open();
        meet();
        assertTrue(meeting.initiator().relays().isEmpty());
    }

    @Test
    void theyMeetWithoutMessages() throws Exception {
        meeting.withoutSignaling().open();
        meet();
    }

    @Test
    void theyMeetByARelayWhereNothingElsePasses() throws Exception {
        NatProfile symmetric =
                NatProfile.of(
                        NatBehavior.builder()
                                .udp(
                                        Behavior.ADDRESS_AND_PORT_DEPENDENT,
                                        Behavior.ADDRESS_AND_PORT_DEPENDENT)
                                .build());
        meeting.blocked().withRelays().between(symmetric, symmetric).open();
        meet();
    }

    @Test
    void aLateOtherSideIsMet() throws Exception {
        meeting.open();
        var a = strategy.attempt(meeting.initiator());
        await().until(() -> !meeting.initiator().told().isEmpty());
        var b = strategy.attempt(meeting.responder());
        assertEquals(won(a).local().port(), won(b).remote().port());
    }

    @Test
    void bothEndWhenCancelled() {
        meeting.blocked().open();
        var a = strategy.attempt(meeting.initiator()).toCompletableFuture();
        var b = strategy.attempt(meeting.responder()).toCompletableFuture();
        await().until(() -> !meeting.initiator().told().isEmpty());
        scope.cancel();
        there.cancel();
        await().until(() -> a.isCompletedExceptionally() && b.isCompletedExceptionally());
        assertTrue(meeting.initiator().open().isEmpty());
    }

    @Test
    void garbageDoesNoHarm() throws Exception {
        meeting.open();
        Random random = new Random(7);
        InetSocketAddress[] to = {
            meeting.initiator().sockets().get(0).local(),
            meeting.responder().sockets().get(0).local()
        };
        UdpSocket noise =
                world.scope().network().bindUdp(FakeMeeting.loopback()).toCompletableFuture().get();
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            meeting.initiator().hear(bytes);
            byte[] plausible = bytes.clone();
            if (plausible.length > 3) {
                plausible[0] = (byte) random.nextInt(3);
                plausible[1] = (byte) random.nextInt(5);
                plausible[2] = (byte) (random.nextBoolean() ? 4 : 16);
            }
            meeting.responder().hear(plausible);
            noise.send(to[i & 1], ByteBuffer.wrap(bytes));
        }
        meet();
    }
}
