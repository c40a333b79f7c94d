// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.Odds;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChancesTest {
    private static final Behavior EIM = Behavior.ENDPOINT_INDEPENDENT;
    private static final Behavior ADM = Behavior.ADDRESS_DEPENDENT;
    private static final Behavior APDM = Behavior.ADDRESS_AND_PORT_DEPENDENT;

    private static Translation of(Behavior mapping, Behavior filtering, Kind kind) {
        return new Translation(
                mapping, filtering, new PortAllocation(kind, 1, 1, 1_024, 65_535, 0));
    }

    private static NatProfile nat(Translation udp, Translation tcp) {
        return NatProfile.of(NatBehavior.builder().udp(udp).tcp(tcp).build());
    }

    private static NatProfile nat(Behavior mapping, Behavior filtering, Kind kind) {
        Translation t = of(mapping, filtering, kind);
        return nat(t, t);
    }

    private static double chance(NatProfile a, NatProfile b) {
        Odds o = Chances.of(a, b, Limits.DEFAULT);
        assertEquals(o, Chances.of(b, a, Limits.DEFAULT), "both sides think the same");
        return o.chance();
    }

    private static final NatProfile HOME = nat(EIM, APDM, Kind.PRESERVED);
    private static final NatProfile UP = nat(APDM, APDM, Kind.INDEPENDENT_STEP);
    private static final NatProfile RANDOM = nat(APDM, APDM, Kind.RANDOM);

    @Test
    void nothingWherePlainPunchingDoesIt() {
        assertEquals(0, chance(HOME, HOME));
        assertEquals(0, chance(nat(EIM, ADM, Kind.PRESERVED), UP), "it lets any port in");
        assertEquals(0, chance(nat(EIM, EIM, Kind.RANDOM), RANDOM));
        assertEquals(0, chance(NatProfile.unknown(), HOME));
    }

    @Test
    void predictedPorts() {
        assertTrue(chance(UP, UP) > 0.9);
        assertTrue(chance(HOME, UP) > 0.9);
        assertTrue(chance(nat(ADM, APDM, Kind.DEPENDENT_STEP), UP) > 0.9);
    }

    @Test
    void theSpreadFollowsTheFormula() {
        double formula = 1 - Math.pow(1 - 300.0 / 64_512, 1_024);
        assertEquals(formula, chance(HOME, RANDOM), 0.0001);
        assertTrue(chance(nat(ADM, APDM, Kind.PRESERVED), RANDOM) > 0.9);
        assertEquals(0, chance(UP, RANDOM), "each try would be another port");
        assertEquals(0, chance(RANDOM, RANDOM));
        Odds o = Chances.of(HOME, RANDOM, Limits.DEFAULT);
        assertEquals(1_324, o.packets());
        assertTrue(o.time().toSeconds() < 20);
    }

    @Test
    void tcpWhereUdpIsBlocked() {
        Translation shut = of(Behavior.BLOCKED, Behavior.BLOCKED, Kind.UNKNOWN);
        NatProfile random = nat(shut, of(EIM, Behavior.UNKNOWN, Kind.RANDOM));
        NatProfile preserved = nat(shut, of(EIM, Behavior.UNKNOWN, Kind.PRESERVED));
        assertTrue(chance(random, UP) > 0.6);
        assertTrue(chance(random, preserved) > 0.6);
        assertEquals(0, chance(preserved, preserved), "plain TCP punching knows the ports");
        assertEquals(0, chance(random, RANDOM));
        Limits udpOnly = new Limits(1_024, 100, 300, false);
        assertEquals(0, Chances.of(random, UP, udpOnly).chance());
    }

    @Test
    void busyNatsAreLessSure() {
        Translation busy =
                new Translation(
                        APDM, APDM, new PortAllocation(Kind.INDEPENDENT_STEP, 1, 1, 0, 0, 100));
        assertTrue(chance(nat(busy, busy), HOME) < 0.2);
    }

    @Test
    void limitsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new Limits(1_025, 100, 300, true));
        assertThrows(IllegalArgumentException.class, () -> new Limits(1, 0, 300, true));
        assertThrows(IllegalArgumentException.class, () -> new Limits(1, 1, 513, true));
    }

    @Test
    void portsAreTriedOnceAndWithinWhatWasSeen() {
        Random r = new Random(4);
        for (int[] seen : new int[][] {{2_000, 60_000}, {40_000, 41_000}, {65_500, 65_535}}) {
            Ports p = Ports.of(seen[0], seen[1]);
            List<Integer> some = p.some(1_024, r);
            assertEquals(1_024, new HashSet<>(some).size());
            assertTrue(some.stream().allMatch(x -> x >= 1 && x <= 65_535));
            long within = some.stream().filter(x -> x >= seen[0] && x <= seen[1]).count();
            assertEquals(Math.min(1_024, p.count()), within);
        }
        assertEquals(Ports.ALL, Ports.of(0, 0));
        assertEquals(Ports.ALL, Ports.of(5_000, 5_001));
    }
}
