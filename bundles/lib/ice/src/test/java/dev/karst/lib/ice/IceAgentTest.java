// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.ice.World.Nat;
import dev.karst.lib.ice.World.Side;
import dev.karst.lib.stun.StunTiming;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IceAgentTest {
    private static final long MS = World.MS;
    private static final IceCredentials L = new IceCredentials("left", "leftleftleftleftleftleft");
    private static final IceCredentials R =
            new IceCredentials("right", "rightrightrightrightright");
    private static final IceSettings SETTINGS =
            IceSettings.STANDARD.patience(Duration.ofSeconds(5));

    private World world = new World(1);
    private IceSettings settings = SETTINGS;

    private Side left(Nat nat) {
        return new Side(world, "10.0.0.1:1000", "203.0.113.1:40000", nat);
    }

    private Side right(Nat nat) {
        return new Side(world, "10.9.0.2:2000", "198.51.100.2:41000", nat);
    }

    private void start(Side s, boolean controlling) {
        boolean first = s == world.sides.get(0);
        s.agent =
                new IceAgent(
                        settings,
                        controlling,
                        first ? L : R,
                        first ? R : L,
                        world.random,
                        s,
                        world.now);
        s.agent.addLocal(0, CandidateType.HOST, s.own, 65_535);
        Side peer = s == world.sides.get(0) ? world.sides.get(1) : world.sides.get(0);
        s.agent.addRemote(IceCandidate.of(CandidateType.HOST, peer.own, 65_535));
        if (peer.nat != Nat.NONE) {
            s.agent.addRemote(
                    IceCandidate.of(CandidateType.SERVER_REFLEXIVE, peer.external, 65_535));
        }
    }

    private void both(Nat l, Nat r, long skew) {
        Side left = left(l);
        Side right = right(r);
        world.at(world.now, () -> start(left, true));
        world.at(world.now + skew, () -> start(right, false));
    }

    private void run(long ms) {
        world.run(world.now + ms * MS);
    }

    private void assertTheSamePair() {
        Side left = world.sides.get(0);
        Side right = world.sides.get(1);
        assertEquals(1, left.nominated.size(), () -> left.agent.pairs().toString());
        assertEquals(1, right.nominated.size(), () -> right.agent.pairs().toString());
        assertEquals(left.nominated.get(0).mapped(), right.nominated.get(0).remote());
        assertEquals(right.nominated.get(0).mapped(), left.nominated.get(0).remote());
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, NONE",
        "NONE, EIM_APDF",
        "EIM_EIF, EIM_EIF",
        "EIM_ADF, EIM_APDF",
        "EIM_APDF, EIM_APDF",
        "NONE, EDM_APDF",
        "EDM_APDF, NONE",
        "EIM_EIF, EDM_APDF",
        "EIM_ADF, EDM_APDF",
        "EDM_APDF, EIM_ADF",
    })
    void punches(Nat l, Nat r) {
        both(l, r, 30 * MS);
        run(5_000);
        assertTheSamePair();
    }

    @ParameterizedTest
    @CsvSource({"EIM_APDF, EDM_APDF", "EDM_APDF, EDM_APDF"})
    void failsWherePredictionIsNeeded(Nat l, Nat r) {
        both(l, r, 0);
        run(60_000);
        for (Side s : world.sides) {
            assertTrue(s.failed);
            assertTrue(s.nominated.isEmpty());
            assertTrue(s.agent.over());
            s.packets.values().forEach(n -> assertTrue(n <= 20, "packets: " + n));
        }
    }

    @Test
    void takesFourTripsAndTheGrace() {
        both(Nat.EIM_APDF, Nat.EIM_APDF, 20 * MS);
        run(5_000);
        assertTheSamePair();
        long took = (world.sides.get(0).nominatedAt - 12_345) / MS;
        assertTrue(took < 4 * 20 + 100 + 100, took + " ms");
    }

    @Test
    void choosesNoPairThatCarriesSomethingElse() {
        both(Nat.NONE, Nat.NONE, 0);
        world.sides.get(0).inUse.add(world.sides.get(1).own);
        InetSocketAddress spare = new InetSocketAddress("198.51.100.3", 42_000);
        Side relay = new Side(world, "198.51.100.3:42000", "198.51.100.3:42000", Nat.NONE);
        relay.agent = new IceAgent(settings, false, R, L, world.random, relay, world.now);
        relay.agent.addLocal(0, CandidateType.HOST, relay.own, 65_535);
        run(100);
        Side left = world.sides.get(0);
        left.agent.addRemote(IceCandidate.of(CandidateType.HOST, spare, 1));
        run(3_000);
        assertEquals(1, left.nominated.size(), () -> left.agent.pairs().toString());
        assertEquals(spare, left.nominated.get(0).remote());
    }

    @Test
    void aLateOtherSideIsNotTooLate() {
        both(Nat.EIM_APDF, Nat.EIM_APDF, 3_000 * MS);
        run(6_000);
        assertTheSamePair();
    }

    @Test
    void survivesLoss() {
        for (int seed = 0; seed < 50; seed++) {
            world = new World(seed);
            world.loss = 0.2;
            both(Nat.EIM_APDF, Nat.EIM_APDF, 10 * MS);
            run(40_000);
            for (Side s : world.sides) {
                assertEquals(1, s.nominated.size(), "seed " + seed);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void settlesARoleConflict(boolean role) {
        Side left = left(Nat.EIM_APDF);
        Side right = right(Nat.EIM_APDF);
        start(left, role);
        start(right, role);
        run(10_000);
        assertTheSamePair();
        assertTrue(left.agent.controlling() != right.agent.controlling());
        assertTrue(
                left.counts.contains("ice.role-conflict")
                        != right.counts.contains("ice.role-conflict"));
    }

    @Test
    void takesCandidatesThatComeLater() {
        Side left = left(Nat.EIM_APDF);
        Side right = right(Nat.EIM_APDF);
        left.agent = new IceAgent(settings, true, L, R, world.random, left, world.now);
        right.agent = new IceAgent(settings, false, R, L, world.random, right, world.now);
        left.agent.addLocal(0, CandidateType.HOST, left.own, 65_535);
        right.agent.addLocal(0, CandidateType.HOST, right.own, 65_535);
        run(1_000);
        left.agent.addRemote(
                IceCandidate.of(CandidateType.SERVER_REFLEXIVE, right.external, 65_535));
        run(1_000);
        assertTrue(left.nominated.isEmpty());
        right.agent.addRemote(
                IceCandidate.of(CandidateType.SERVER_REFLEXIVE, left.external, 65_535));
        run(1_000);
        assertTheSamePair();
    }

    @Test
    void learnsThePeersMappingFromItsCheck() {
        both(Nat.NONE, Nat.EDM_APDF, 0);
        run(5_000);
        IcePath path = world.sides.get(0).nominated.get(0);
        assertEquals(CandidateType.PEER_REFLEXIVE, path.remoteType());
        assertEquals(CandidateType.PEER_REFLEXIVE, world.sides.get(1).nominated.get(0).localType());
        assertFalse(path.relayed());
    }

    @Test
    void prefersALateDirectPairToARelay() {
        Side left = left(Nat.NONE);
        Side right = right(Nat.NONE);
        start(left, true);
        left.agent.addRemote(
                IceCandidate.of(CandidateType.RELAYED, World.address("192.0.2.9:9"), 65_535));
        Side relay = new Side(world, "192.0.2.9:9", "192.0.2.9:9", Nat.NONE);
        relay.agent = new IceAgent(settings, false, R, L, world.random, relay, world.now);
        relay.agent.addLocal(0, CandidateType.RELAYED, relay.own, 65_535);
        world.at(world.now + 200 * MS, () -> start(right, false));
        run(2_000);
        assertEquals(right.own, left.nominated.get(0).remote());
        assertEquals(2, left.valid.size());
    }

    @Test
    void takesTheRelayAfterItsGrace() {
        Side left = new Side(world, "203.0.113.7:1", "203.0.113.7:1", Nat.NONE);
        start0(left);
        left.agent.addRemote(
                IceCandidate.of(CandidateType.HOST, World.address("192.0.2.77:9"), 65_535));
        // Not told as a candidate: its check alone says that it is a relay.
        Side relay = new Side(world, "192.0.2.9:9", "192.0.2.9:9", Nat.NONE);
        relay.agent = new IceAgent(settings, false, R, L, world.random, relay, world.now);
        relay.agent.addLocal(0, CandidateType.RELAYED, relay.own, 65_535);
        relay.agent.addRemote(IceCandidate.of(CandidateType.HOST, left.own, 65_535));
        run(450);
        assertTrue(left.nominated.isEmpty());
        run(500);
        assertEquals(relay.own, left.nominated.get(0).remote());
        assertTrue(left.nominated.get(0).relayed());
        assertTrue(relay.nominated.get(0).relayed());
    }

    @Test
    void aRelayIsNotMadeToTryPrivateAddresses() {
        Side relay = new Side(world, "192.0.2.9:9", "192.0.2.9:9", Nat.NONE);
        relay.agent = new IceAgent(settings, false, R, L, world.random, relay, world.now);
        relay.agent.addLocal(0, CandidateType.RELAYED, relay.own, 65_535);
        for (String a :
                List.of("10.0.0.9:5", "192.168.1.1:5", "100.64.0.1:5", "169.254.169.254:80")) {
            relay.agent.addRemote(IceCandidate.of(CandidateType.HOST, World.address(a), 1));
        }
        assertTrue(relay.agent.pairs().isEmpty());
        relay.agent.addRemote(
                IceCandidate.of(CandidateType.HOST, World.address("100.128.0.1:5"), 1));
        assertEquals(1, relay.agent.pairs().size());
    }

    @Test
    void takesNoRelayWhereItMustNot() {
        Side left = new Side(world, "203.0.113.7:1", "203.0.113.7:1", Nat.NONE);
        start0(left);
        left.agent.directOnly();
        Side relay = new Side(world, "192.0.2.9:9", "192.0.2.9:9", Nat.NONE);
        relay.agent = new IceAgent(settings, false, R, L, world.random, relay, world.now);
        relay.agent.addLocal(0, CandidateType.RELAYED, relay.own, 65_535);
        relay.agent.addRemote(IceCandidate.of(CandidateType.HOST, left.own, 65_535));
        run(60_000);
        assertEquals(1, left.valid.size());
        assertTrue(left.nominated.isEmpty());
        assertTrue(left.failed);
    }

    private void start0(Side left) {
        left.agent = new IceAgent(settings, true, L, R, world.random, left, world.now);
        left.agent.addLocal(0, CandidateType.HOST, left.own, 65_535);
    }

    @Test
    void losesConsentAfterItsExpiry() {
        both(Nat.NONE, Nat.NONE, 0);
        run(60_000);
        Side left = world.sides.get(0);
        int sent = left.agent.pairs().get(0).sent();
        assertTrue(sent >= 10 && sent <= 20, "checks: " + sent);
        assertFalse(left.consentLost);
        world.cut = true;
        run(24_000);
        assertFalse(left.consentLost);
        run(7_000);
        assertTrue(left.consentLost);
        assertTrue(left.agent.over());
        assertEquals(Long.MAX_VALUE, left.agent.wakeAt());
    }

    @Test
    void believesNobodyWithoutThePassword() {
        Side left = left(Nat.NONE);
        Side right = right(Nat.NONE);
        start(left, true);
        String guess = "wrongwrongwrongwrongwrong";
        right.agent =
                new IceAgent(
                        settings,
                        false,
                        new IceCredentials("right", guess),
                        new IceCredentials("left", guess),
                        world.random,
                        right,
                        world.now);
        right.agent.addLocal(0, CandidateType.HOST, right.own, 65_535);
        right.agent.addRemote(IceCandidate.of(CandidateType.HOST, left.own, 65_535));
        run(60_000);
        assertTrue(left.counts.contains("ice.refused"));
        assertTrue(right.counts.contains("ice.forged-answer"), right.counts.toString());
        assertTrue(right.failed);
        assertTrue(right.nominated.isEmpty() && left.nominated.isEmpty());
    }

    @Test
    void keepsTheLimits() {
        Side left = left(Nat.NONE);
        settings =
                SETTINGS.pacing(Duration.ofMillis(5), new StunTiming(Duration.ofMillis(50), 12, 1));
        start0(left);
        left.agent.addLocal(1, CandidateType.HOST, World.address("10.0.0.3:1"), 100);
        for (int i = 1; i < 200; i++) {
            left.agent.addRemote(
                    IceCandidate.of(CandidateType.HOST, World.address("10.1.0." + i + ":7"), i));
        }
        assertEquals(100, left.agent.pairs().size());
        run(5_000_000);
        assertTrue(left.failed);
        left.packets.forEach((to, n) -> assertTrue(n <= 20, to + ": " + n));
        assertTrue(left.counts.contains("ice.unanswered-limit"));
        assertTrue(left.counts.contains("ice.candidate-dropped"));
    }

    @Test
    void pacesItsChecks() {
        Side left = left(Nat.NONE);
        start0(left);
        for (int i = 1; i <= 20; i++) {
            left.agent.addRemote(
                    IceCandidate.of(CandidateType.HOST, World.address("10.1.0." + i + ":7"), i));
        }
        run(499);
        assertEquals(10, left.packets.size());
    }

    @Test
    void sendsNothingToWhereNothingCanBe() {
        Side left = left(Nat.NONE);
        start0(left);
        for (String a :
                List.of(
                        "0.0.0.0:5",
                        "224.0.0.1:5",
                        "255.255.255.255:5",
                        "10.0.0.9:0",
                        "127.0.0.1:5",
                        "[2001:db8::1]:5")) {
            left.agent.addRemote(IceCandidate.of(CandidateType.HOST, World.address(a), 1));
        }
        assertTrue(left.agent.pairs().isEmpty());
    }

    @Test
    void thePrioritiesAreTheRfcs() {
        assertEquals(2_130_706_431L, IcePriorities.of(CandidateType.HOST, 65_535));
        assertEquals(1_694_498_815L, IcePriorities.of(CandidateType.SERVER_REFLEXIVE, 65_535));
        assertEquals((5L << 32) + 14 + 1, IcePriorities.pair(7, 5));
        assertEquals((5L << 32) + 14, IcePriorities.pair(5, 7));
    }
}
