// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import static dev.karst.lib.stun.turn.server.TurnWorld.at;
import static dev.karst.lib.stun.turn.server.TurnWorld.code;
import static dev.karst.lib.stun.turn.server.TurnWorld.success;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.PasswordAlgorithm;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.turn.RestCredential;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests and their answers. */
class TurnCoreTest {
    private static final InetSocketAddress PEER = at("192.0.2.9", 4000);

    private final TurnWorld world = new TurnWorld();
    private final TurnWorld.Asker a = world.asker(1000);

    @Test
    void strangersAreAskedForCredentials() {
        StunMessage m = a.exchange(a.request(3).build()).orElseThrow();
        assertEquals(401, code(m));
        assertEquals(Optional.of(TurnWorld.REALM), m.get(StunAttributes.REALM));
        assertEquals(2, m.get(StunAttributes.PASSWORD_ALGORITHMS).orElseThrow().size());
        assertEquals(0, world.open.size());
    }

    @Test
    void allocatesByBothAlgorithmsAndGivesBack() {
        for (Optional<PasswordAlgorithm> how :
                List.of(
                        Optional.<PasswordAlgorithm>empty(),
                        Optional.of(PasswordAlgorithm.MD5),
                        Optional.of(PasswordAlgorithm.SHA256))) {
            a.algorithm = how;
            StunMessage m = a.allocate();
            assertTrue(success(m), how + " " + code(m));
            assertEquals(Optional.of(a.at), m.get(StunAttributes.XOR_MAPPED_ADDRESS));
            assertEquals(Optional.of(600L), m.get(StunAttributes.LIFETIME));
            assertTrue(m.hasIntegrity());
            assertEquals(1, world.core.allocations());
            assertTrue(success(a.ask(4, b -> b.with(StunAttributes.LIFETIME, 0L))));
            assertEquals(0, world.core.allocations());
            assertEquals(0, world.open.size());
        }
    }

    @Test
    void wrongPasswordsUsersAndRealmsAre401() {
        a.challenge();
        a.password = "q";
        assertEquals(401, code(a.allocate()));
        a.user = "nobody";
        assertEquals(401, code(a.allocate()));
        assertEquals(0, world.core.allocations());
    }

    @Test
    void tamperedAlgorithmsAre400() {
        a.challenge();
        a.offered = List.of(PasswordAlgorithm.MD5);
        a.algorithm = Optional.of(PasswordAlgorithm.MD5);
        assertEquals(400, code(a.allocate()));
    }

    @Test
    void noncesExpireAndBelongToAnAddress() {
        a.challenge();
        TurnWorld.Asker thief = world.new Asker(at("198.51.100.8", 1));
        thief.nonce = a.nonce;
        thief.offered = a.offered;
        assertEquals(438, code(thief.allocate()));
        TurnWorld.Asker neighbour = world.asker(1001); // another port needs no new one
        neighbour.nonce = a.nonce;
        neighbour.offered = a.offered;
        assertTrue(success(neighbour.allocate()));
        world.pass(602);
        StunMessage m = a.allocate();
        assertEquals(438, code(m));
        a.nonce = m.get(StunAttributes.NONCE).orElseThrow();
        assertTrue(success(a.allocate()));
        a.nonce = "x".repeat(a.nonce.length());
        assertEquals(438, code(a.allocate()));
    }

    @Test
    void timeLimitedUsers() {
        RestCredential c = RestCredential.of("north", world.epoch + 10, "bob");
        a.user = c.user();
        a.password = c.password();
        assertTrue(success(a.allocate()));
        world.epoch += 11;
        assertEquals(401, code(a.ask(4, b -> b)), "expired while in use");
        TurnWorld.Asker bad = world.asker(2);
        bad.user = (world.epoch + 100) + ":bob";
        bad.password = c.password();
        assertEquals(401, code(bad.allocate()));
        TurnWorld.Asker revoked = world.asker(3);
        RestCredential m = RestCredential.of("north", world.epoch + 100, "mallory");
        revoked.user = m.user();
        revoked.password = m.password();
        assertEquals(401, code(revoked.allocate()));
    }

    @Test
    void aRepeatedAllocateGetsTheSameAnswerAnotherOne437() {
        a.challenge();
        StunMessage request = a.sealed(a.request(3).with(StunAttributes.REQUESTED_TRANSPORT, 17));
        byte[] first = a.exchange(request).orElseThrow().bytes();
        assertArrayEquals(first, a.exchange(request).orElseThrow().bytes());
        assertEquals(1, world.open.size());
        assertEquals(437, code(a.allocate()));
        assertEquals(437, code(world.asker(9).ask(4, b -> b)), "refresh of nothing");
        assertEquals(437, code(world.asker(9).permit(PEER)));
        TurnWorld.Asker other = world.asker(1000);
        other.user = "v";
        other.password = "w";
        assertEquals(441, code(other.permit(PEER)));
    }

    @Test
    void badAllocateRequests() {
        assertEquals(400, code(a.ask(3, b -> b)));
        assertEquals(442, code(a.ask(3, b -> b.with(StunAttributes.REQUESTED_TRANSPORT, 1))));
        assertEquals(
                400,
                code(a.ask(3, b -> b.with(StunAttributes.REQUESTED_TRANSPORT, 6))),
                "TCP needs a TCP client");
        StunMessage m =
                a.ask(
                        3,
                        b ->
                                b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                        .with(StunAttributes.DONT_FRAGMENT, true));
        assertEquals(420, code(m));
        assertEquals(
                Optional.of(List.of(StunAttributes.DONT_FRAGMENT.type())),
                m.get(StunAttributes.UNKNOWN_ATTRIBUTES));
        for (int family : new int[] {0, 3}) {
            assertEquals(
                    440,
                    code(
                            a.ask(
                                    3,
                                    b ->
                                            b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                                    .with(
                                                            StunAttributes.REQUESTED_ADDRESS_FAMILY,
                                                            family))));
        }
        assertEquals(
                508,
                code(
                        a.ask(
                                3,
                                b ->
                                        b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                                .with(
                                                        StunAttributes.RESERVATION_TOKEN,
                                                        new byte[8]))));
        assertEquals(0, world.open.size());
        assertEquals(0, world.core.allocations());
    }

    @Test
    void evenPortsAndReservations() {
        StunMessage m =
                a.ask(
                        3,
                        b ->
                                b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                        .with(StunAttributes.EVEN_PORT, true));
        int port = m.get(StunAttributes.XOR_RELAYED_ADDRESS).orElseThrow().getPort();
        assertEquals(0, port % 2);
        byte[] token = m.get(StunAttributes.RESERVATION_TOKEN).orElseThrow();
        StunMessage next =
                world.asker(5)
                        .ask(
                                3,
                                b ->
                                        b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                                .with(StunAttributes.RESERVATION_TOKEN, token));
        assertEquals(
                port + 1, next.get(StunAttributes.XOR_RELAYED_ADDRESS).orElseThrow().getPort());
        world.asker(6)
                .ask(
                        3,
                        b ->
                                b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                        .with(StunAttributes.EVEN_PORT, true));
        assertEquals(4, world.open.size());
        world.pass(31);
        assertEquals(3, world.open.size(), "an unused reservation ends");
    }

    @Test
    void bothFamilies() {
        StunMessage m =
                a.ask(
                        3,
                        b ->
                                b.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                        .with(StunAttributes.ADDITIONAL_ADDRESS_FAMILY, 2));
        assertEquals(2, m.all(StunAttributes.XOR_RELAYED_ADDRESS).size());
        assertTrue(success(a.permit(PEER, at("2001:db8:9::1", 5))));
        assertTrue(
                success(
                        a.ask(
                                4,
                                b ->
                                        b.with(StunAttributes.REQUESTED_ADDRESS_FAMILY, 2)
                                                .with(StunAttributes.LIFETIME, 0L))));
        assertEquals(1, world.open.size());
        assertEquals(443, code(a.permit(at("2001:db8:9::1", 5))));
        world.six = false;
        TurnWorld.Asker b = world.asker(2);
        StunMessage four =
                b.ask(
                        3,
                        r ->
                                r.with(StunAttributes.REQUESTED_TRANSPORT, 17)
                                        .with(StunAttributes.ADDITIONAL_ADDRESS_FAMILY, 2));
        assertEquals(440, four.get(StunAttributes.ADDRESS_ERROR_CODE).orElseThrow().error().code());
    }

    @Test
    void quotasAndCapacity() {
        for (int i = 0; i < 10; i++) {
            assertTrue(success(world.asker(i + 1).allocate()));
        }
        assertEquals(486, code(world.asker(11).allocate()));
        world.free = 0;
        TurnWorld.Asker v = world.asker(12);
        v.user = "v";
        v.password = "w";
        assertEquals(508, code(v.allocate()));
        world.pass(601);
        assertEquals(0, world.core.allocations());
        assertEquals(0, world.open.size());
        world.free = 100;
        a.nonce = null;
        assertTrue(success(a.allocate()), "what expired does not count");
    }

    @Test
    void lifetimesAreBounded() {
        a.allocate();
        StunMessage m = a.ask(4, b -> b.with(StunAttributes.LIFETIME, 1_000_000L));
        assertEquals(Optional.of(3600L), m.get(StunAttributes.LIFETIME));
        m = a.ask(4, b -> b.with(StunAttributes.LIFETIME, 1L));
        assertEquals(Optional.of(600L), m.get(StunAttributes.LIFETIME));
        world.pass(599);
        assertEquals(1, world.core.allocations());
        world.pass(2);
        assertEquals(0, world.core.allocations());
    }

    @Test
    void channelsAreOneToOne() {
        a.allocate();
        assertTrue(success(a.bind(0x4000, PEER)));
        assertTrue(success(a.bind(0x4000, PEER)), "renewed");
        assertEquals(400, code(a.bind(0x4001, PEER)));
        assertEquals(400, code(a.bind(0x4000, at("192.0.2.9", 4001))));
        assertEquals(400, code(a.bind(0x3fff, at("192.0.2.9", 4001))));
        assertEquals(400, code(a.bind(0x8000, at("192.0.2.9", 4001))));
        assertEquals(443, code(a.bind(0x4002, at("2001:db8:9::1", 5))));
        assertEquals(400, code(a.permit()));
    }

    @Test
    void peersOfAnAllocationAreBounded() {
        a.allocate();
        for (int i = 1; i <= 16; i++) {
            assertTrue(success(a.permit(at("192.0.2." + i, 1))));
        }
        assertEquals(508, code(a.permit(at("192.0.2.99", 1))));
        assertTrue(success(a.permit(at("192.0.2.5", 1))), "renewed");
    }

    @Test
    void aFloodOfStrangersIsAnsweredSeldomAndRemembered() {
        TurnWorld w = new TurnWorld(TurnWorld.LIMITS, new StunLimits(20, 100, 1000, 64), List.of());
        TurnWorld.Asker one = w.asker(1);
        int request = 0;
        int answers = 0;
        for (int i = 0; i < 10_000; i++) {
            StunMessage m = one.request(3).build();
            request = m.length();
            answers += one.exchange(m).isPresent() ? 1 : 0;
        }
        assertEquals(100, answers, "the burst of one source");
        int length = w.toClients.get(0).bytes().length;
        assertTrue(length - request <= 140, "grows by " + (length - request));
        for (int i = 0; i < 10_000; i++) { // forged sources: the bucket of all
            w.new Asker(at("198.18." + (i >> 8) + "." + (i & 0xff), 1))
                    .send(one.request(3).build().bytes());
        }
        assertTrue(w.toClients.size() <= 210, w.toClients.size() + " answers");
        assertEquals(0, w.core.allocations());
        assertEquals(0, w.open.size());
    }

    @Test
    void aThousandHalfFinishedAllocationsLeaveNothing() {
        TurnWorld w =
                new TurnWorld(
                        new TurnLimits(600, 3600, 600, 5000, 5000, 16, 0),
                        new StunLimits(100_000, 100_000, 1_000_000, 64),
                        List.of());
        for (int i = 0; i < 1000; i++) {
            TurnWorld.Asker half = w.asker(i + 1);
            switch (i % 4) {
                case 0 -> half.challenge();
                case 1 -> half.allocate();
                case 2 -> {
                    half.allocate();
                    half.bind(0x4000 + i % 100, PEER);
                    half.permit(at("192.0.2.77", 1));
                }
                default -> {
                    w.free = 0;
                    half.allocate();
                    w.free = Integer.MAX_VALUE;
                }
            }
        }
        assertEquals(500, w.core.allocations());
        w.pass(602);
        assertEquals(0, w.core.allocations());
        assertEquals(0, w.open.size());
        assertFalse(w.counts.containsKey("turn.ended.client"));
    }

    @Test
    void whileSocketsAreOpenedARepeatedRequestOpensNoOthers() {
        world.slow = true;
        a.challenge();
        StunMessage request = a.sealed(a.request(3).with(StunAttributes.REQUESTED_TRANSPORT, 17));
        assertTrue(a.exchange(request).isEmpty());
        assertTrue(a.exchange(request).isEmpty());
        assertEquals(1, world.opening.size());
        world.opening.remove(0).run();
        assertEquals(1, world.core.allocations());
        assertTrue(success(a.permit(PEER)));
        TurnWorld.Asker b = world.asker(2);
        b.challenge();
        b.exchange(b.sealed(b.request(3).with(StunAttributes.REQUESTED_TRANSPORT, 17)));
        assertEquals(437, code(b.ask(4, r -> r.with(StunAttributes.LIFETIME, 0L))));
        world.opening.remove(0).run();
        assertEquals(1, world.core.allocations(), "given back before it was there");
        assertEquals(1, world.open.size());
    }
}
