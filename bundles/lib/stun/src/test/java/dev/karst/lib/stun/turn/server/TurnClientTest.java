// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import static dev.karst.lib.stun.turn.server.TurnWorld.at;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.turn.RestCredential;
import dev.karst.lib.stun.turn.TurnClient;
import dev.karst.lib.stun.turn.TurnData;
import dev.karst.lib.stun.turn.TurnFailure;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The client at the server, both in memory, hours in moments. */
class TurnClientTest {
    private static final InetSocketAddress HOME = at("198.51.100.7", 1000);
    private static final InetSocketAddress PEER = at("192.0.2.9", 4000);
    private static final byte[] DATA = {1, 2, 3};

    private final TurnWorld world = new TurnWorld();

    /** A client whose datagrams get lost at times. */
    private final class Node implements TurnClient.Events {
        final Random random = new Random(3);
        final TurnClient client =
                new TurnClient(
                        new TurnClient.Setup(
                                new RestCredential("u", "p"), true, false, random::nextBytes),
                        this);
        final ArrayDeque<byte[]> out = new ArrayDeque<>();
        final List<byte[]> received = new ArrayList<>();
        InetSocketAddress relayed;
        TurnFailure over;
        double loss;
        int seen;
        int sent;

        void exchange() {
            do {
                while (!out.isEmpty()) {
                    byte[] b = out.remove();
                    sent++;
                    if (random.nextDouble() >= loss) {
                        world.new Asker(HOME).send(b);
                    }
                }
                while (seen < world.toClients.size()) {
                    byte[] b = world.toClients.get(seen++).bytes();
                    if (random.nextDouble() >= loss) {
                        Optional<TurnData> d = client.received(ByteBuffer.wrap(b), world.now);
                        d.ifPresent(x -> received.add(TurnWorld.bytes(x.bytes())));
                    }
                }
            } while (!out.isEmpty());
        }

        void pass(long seconds) {
            for (long i = 0; i < 10 * seconds; i++) {
                world.now += TurnWorld.SECOND / 10;
                if (i % 10 == 0) {
                    world.core.tick(world.now);
                }
                Optional<Long> due = client.wakeAt();
                if (due.isPresent() && due.get() - world.now <= 0) {
                    client.wake(world.now);
                }
                exchange();
            }
        }

        @Override
        public void send(ByteBuffer message) {
            out.add(TurnWorld.bytes(message));
        }

        @Override
        public boolean send(ByteBuffer head, ByteBuffer data) {
            send(
                    ByteBuffer.allocate(head.remaining() + data.remaining())
                            .put(head)
                            .put(data)
                            .flip());
            return true;
        }

        @Override
        public void allocated(InetSocketAddress address, Optional<InetSocketAddress> mapped) {
            relayed = address;
        }

        @Override
        public void over(TurnFailure why) {
            assertNull(over, "told twice");
            over = why;
        }

        @Override
        public void count(String what) {}
    }

    private Node allocated() {
        Node n = new Node();
        n.client.start(world.now);
        n.exchange();
        assertNotNull(n.relayed);
        return n;
    }

    @Test
    void itIsKeptForHoursThoughATenthIsLost() {
        Node n = allocated();
        n.loss = 0.1;
        List<Optional<TurnFailure>> permitted = new ArrayList<>();
        n.client.permit(at("192.0.2.10", 0).getAddress(), permitted::add, world.now);
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.pass(3);
        for (int hour = 0; hour < 3; hour++) {
            n.pass(3600);
            assertNull(n.over);
            n.client.send(PEER, ByteBuffer.wrap(DATA), world.now); // keeps the channel in use
        }
        assertEquals(List.of(Optional.empty()), permitted);
        n.loss = 0;
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.pass(1);
        world.toPeers.clear();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        assertArrayEquals(DATA, world.toPeers.get(0).bytes());
        n.received.clear();
        world.fromPeer(PEER, n.relayed, DATA);
        world.fromPeer(at("192.0.2.10", 5), n.relayed, DATA);
        n.exchange();
        assertEquals(2, n.received.size());
        n.client.close(world.now);
        n.pass(2);
        assertEquals(0, world.core.allocations());
        assertNotNull(n.over);
    }

    @Test
    void aChannelThatNobodyUsedIsTakenUpAgain() {
        Node n = allocated();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        n.pass(550); // let go, but the relay knows it yet
        world.toPeers.clear();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        assertEquals(2, world.toPeers.size());
        assertFalse(world.counts.containsKey("turn.refused.400"), world.counts.toString());
    }

    @Test
    void aRelayThatForgotIsFoundWithinSeconds() {
        Node n = allocated();
        world.core.close();
        n.pass(26);
        assertEquals(437, n.over.code());
        assertFalse(n.client.send(PEER, ByteBuffer.wrap(DATA), world.now));
        assertTrue(n.client.wakeAt().isEmpty());
    }

    @Test
    void aRelayThatForgotIsFoundInASecondByWhoSends() {
        Node n = allocated();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.pass(1);
        assertNull(n.over);
        world.core.close();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        n.pass(1);
        assertEquals(437, n.over.code());
        assertTrue(n.client.wakeAt().isEmpty());
    }

    @Test
    void aRelayThatForgotIsFoundByWhoAsksForAPermission() {
        Node n = allocated();
        world.core.close();
        List<Optional<TurnFailure>> permitted = new ArrayList<>();
        n.client.permit(PEER.getAddress(), permitted::add, world.now);
        n.exchange();
        assertEquals(437, n.over.code());
        assertEquals(437, permitted.get(0).orElseThrow().code());
    }

    @Test
    void aPeerThatIsSilentCostsFewQuestions() {
        Node n = allocated();
        for (int i = 0; i < 120; i++) {
            n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
            n.pass(1);
        }
        assertNull(n.over);
        n.sent = 0;
        for (int i = 0; i < 120; i++) {
            n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
            n.pass(1);
        }
        assertTrue(n.sent >= 120 + 4 && n.sent < 120 + 12, "sent " + n.sent);
    }

    @Test
    void aRelayThatIsAwayForSecondsIsAskedUntilItIsBack() {
        Node n = allocated();
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        n.pass(1);
        n.loss = 1;
        n.client.send(PEER, ByteBuffer.wrap(DATA), world.now);
        n.pass(9);
        assertNull(n.over);
        world.core.close();
        n.loss = 0;
        n.pass(1);
        assertEquals(437, n.over.code());
    }

    @Test
    void aRelayThatIsSilentIsFoundWithinAMinute() {
        Node n = allocated();
        n.loss = 1;
        n.pass(40);
        assertEquals(0, n.over.code());
        List<Optional<TurnFailure>> permitted = new ArrayList<>();
        n.client.permit(PEER.getAddress(), permitted::add, world.now);
        assertTrue(permitted.get(0).isPresent());
    }

    @Test
    void anAbsentRelayIsGivenUpSoon() {
        Node n = new Node();
        n.loss = 1;
        n.client.start(world.now);
        n.exchange();
        n.pass(6);
        assertNotNull(n.over);
        assertEquals(6, n.sent);
        assertTrue(n.client.wakeAt().isEmpty());
    }

    @Test
    void whatWasAskedForIsGivenBackThoughItsAnswerIsNotAwaited() {
        Node n = new Node();
        n.client.start(world.now);
        world.new Asker(HOME).send(n.out.remove());
        n.client.received(ByteBuffer.wrap(world.toClients.get(n.seen++).bytes()), world.now);
        n.client.close(world.now); // the proven request is on its way
        assertEquals(2, n.out.size());
        n.exchange();
        assertEquals(1, world.count("turn.allocated"));
        assertEquals(0, world.core.allocations());
        assertNotNull(n.over);
        assertNull(n.relayed);
    }

    @Test
    void waitingPermissionsEndWithTheClient() {
        Node n = allocated();
        n.loss = 1;
        List<Optional<TurnFailure>> permitted = new ArrayList<>();
        n.client.permit(PEER.getAddress(), permitted::add, world.now);
        n.client.close(world.now);
        assertTrue(permitted.get(0).isPresent());
        n.pass(3);
        assertNotNull(n.over);
    }

    @Test
    void deniedPeersAreToldAndNotSentTo() {
        Node n = allocated();
        InetSocketAddress inside = at("10.0.0.1", 80);
        List<Optional<TurnFailure>> permitted = new ArrayList<>();
        n.client.permit(inside.getAddress(), permitted::add, world.now);
        n.client.send(inside, ByteBuffer.wrap(DATA), world.now);
        n.exchange();
        assertEquals(403, permitted.get(0).orElseThrow().code());
        assertFalse(n.client.send(inside, ByteBuffer.wrap(DATA), world.now));
        assertEquals(0, world.toPeers.size());
    }
}
