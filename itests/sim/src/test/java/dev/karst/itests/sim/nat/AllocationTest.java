// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static dev.karst.itests.sim.nat.BoxTester.S1;
import static dev.karst.itests.sim.nat.BoxTester.S1B;
import static dev.karst.itests.sim.nat.BoxTester.S2;
import static dev.karst.itests.sim.nat.BoxTester.at;
import static dev.karst.itests.sim.nat.BoxTester.in;
import static dev.karst.itests.sim.nat.Dependence.ADDRESS_AND_PORT_DEPENDENT;
import static dev.karst.itests.sim.nat.Dependence.ENDPOINT_INDEPENDENT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.Allocation.Clash;
import dev.karst.itests.sim.nat.Allocation.Sharing;
import dev.karst.itests.sim.nat.NatVerdict.Reason;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AllocationTest {
    private static final InetSocketAddress OTHER = at("192.168.1.3", 4000);

    private static BoxTester eim(Allocation a) {
        return new BoxTester(NatPolicy.nat(ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT, a));
    }

    private static BoxTester apdm(Allocation a) {
        return new BoxTester(
                NatPolicy.nat(ADDRESS_AND_PORT_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT, a));
    }

    @Test
    void preserveKeepsThePortAndClashesAsTold() {
        assertEquals(4000, eim(Allocation.preserve()).udp(in(4000), S1));
        BoxTester next = eim(Allocation.preserve().withClash(Clash.NEXT));
        next.udp(in(4000), S1);
        assertEquals(4001, next.udp(OTHER, S1));

        BoxTester random = eim(Allocation.preserve().withClash(Clash.RANDOM));
        random.udp(in(4000), S1);
        assertTrue(Math.abs(random.udp(OTHER, S1) - 4000) > 1);

        BoxTester refuse = eim(Allocation.preserve().withClash(Clash.REFUSE));
        refuse.udp(in(4000), S1);
        assertEquals(Reason.NO_PORT, refuse.refused(OTHER, S1));

        BoxTester steal = eim(Allocation.preserve().withClash(Clash.STEAL));
        steal.udp(in(4000), S1);
        assertEquals(4000, steal.udp(OTHER, S1));
        assertTrue(steal.reaches(S1, 4000, OTHER), "the thief has it");
        assertTrue(steal.log.toString().contains("stolen udp 192.168.1.2:4000"));
    }

    @Test
    void preserveOutOfRangeTakesAnyPortInRange() {
        BoxTester t = eim(Allocation.preserve().withRange(50_000, 50_099));
        int port = t.udp(in(4000), S1);
        assertTrue(port >= 50_000 && port <= 50_099, "" + port);
        assertEquals(50_050, t.udp(in(50_050), S1));
    }

    @Test
    void preserveDistanceKeepsDistancesAndWraps() {
        BoxTester t = eim(Allocation.preserveDistance().withRange(10_000, 10_999));
        int first = t.udp(in(4000), S1);
        for (int d : new int[] {1, 7, 500, 999}) {
            int expected = 10_000 + (first - 10_000 + d) % 1000;
            assertEquals(expected, t.udp(in(4000 + d), S1));
        }
        assertNotEquals(
                first,
                eimSeed(Allocation.preserveDistance().withRange(10_000, 10_999), 2)
                        .udp(in(4000), S1));
    }

    private static BoxTester eimSeed(Allocation a, long seed) {
        return new BoxTester(NatPolicy.nat(ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT, a), seed);
    }

    @Test
    void independentStepGoesOnForAllHostsInBothDirections() {
        for (int step : new int[] {1, 2, 13, -1, -5}) {
            BoxTester t = apdm(Allocation.independent(step).withRange(20_000, 29_999));
            int last = t.udp(in(4000), S1);
            InetSocketAddress[] who = {in(4000), OTHER, in(999), OTHER, in(4000)};
            InetSocketAddress[] to = {S2, S1, S1, S2, S1B};
            for (int i = 0; i < who.length; i++) {
                int expected = 20_000 + Math.floorMod(last + step - 20_000, 10_000);
                assertEquals(expected, last = t.udp(who[i], to[i]), "step " + step);
            }
        }
    }

    @Test
    void sequencesSkipBusyPortsOrDoNot() {
        Allocation ten = Allocation.independent(1).withRange(30_000, 30_009);
        BoxTester skip = eim(ten);
        int first = skip.udp(in(1), S1);
        for (int i = 2; i <= 9; i++) {
            skip.udp(in(i), S1);
        }
        int free = skip.udp(in(10), S1);
        assertEquals(30_000 + (first - 30_000 + 9) % 10, free);
        assertEquals(Reason.NO_PORT, skip.refused(in(11), S1));

        BoxTester steal = eim(ten.withClash(Clash.STEAL));
        int taken = steal.udp(in(1), S1);
        for (int i = 2; i <= 10; i++) {
            steal.udp(in(i), S1);
        }
        assertEquals(taken, steal.udp(in(11), S1));
    }

    @Test
    void dependentStepFollowsOnlyPortsInARow() {
        for (int step : new int[] {1, 3, -2}) {
            BoxTester t = eim(Allocation.dependent(step));
            int a = t.udp(in(4000), S1);
            int b = t.udp(in(4001), S1);
            assertEquals(a + step, b);
            t.udp(OTHER, S1); // another host does not disturb
            assertEquals(b + step, t.udp(in(4002), S1));
            assertNotEquals(b + 2 * step, t.udp(in(4010), S1), "a gap: random");
        }
    }

    @Test
    void randomIsSpreadOverTheRange() {
        BoxTester t = eim(Allocation.random().withRange(40_000, 49_999));
        Set<Integer> seen = new HashSet<>();
        double sum = 0;
        for (int i = 0; i < 1000; i++) {
            int p = t.udp(in(2000 + i), S1);
            assertTrue(p >= 40_000 && p <= 49_999);
            seen.add(p);
            sum += p;
        }
        assertEquals(1000, seen.size(), "no port twice");
        assertTrue(Math.abs(sum / 1000 - 45_000) < 460, "mean " + sum / 1000); // 5 sigma
    }

    @Test
    void randomFindsTheLastFreePort() {
        BoxTester t = eim(Allocation.random().withRange(40_000, 40_199));
        for (int i = 0; i < 200; i++) {
            t.udp(in(2000 + i), S1);
        }
        assertEquals(Reason.NO_PORT, t.refused(in(1), S1));
    }

    @Test
    void parityIsKeptByEveryRule() {
        for (Allocation a :
                new Allocation[] {
                    Allocation.preserve(),
                    Allocation.preserveDistance(),
                    Allocation.independent(1),
                    Allocation.independent(-3),
                    Allocation.dependent(1),
                    Allocation.random()
                }) {
            BoxTester t = eim(a.withParity());
            for (int i = 0; i < 300; i++) {
                int local = 4000 + i / 2;
                InetSocketAddress from = at(i % 2 == 0 ? "192.168.1.2" : "192.168.1.3", local);
                assertEquals(local & 1, t.udp(from, S1) & 1, a.toString());
            }
        }
    }

    @Test
    void symmetricAndPreservingLooksEndpointIndependentUntilPortsClash() {
        BoxTester t = apdm(Allocation.preserve().withSharing(Sharing.SAME_ENDPOINT));
        assertEquals(4000, t.udp(in(4000), S1));
        assertEquals(4000, t.udp(in(4000), S2));
        assertTrue(t.reaches(S1, 4000, in(4000)));
        assertTrue(t.reaches(S2, 4000, in(4000)));
        assertFalse(t.reaches(S1B, 4000, in(4000)));
        assertEquals(4001, t.udp(OTHER, S1));
        assertEquals(4001, t.udp(OTHER, S2));

        BoxTester honest = apdm(Allocation.preserve());
        assertEquals(4000, honest.udp(in(4000), S1));
        assertEquals(4001, honest.udp(in(4000), S2));
    }

    @Test
    void overloadedPortsAreToldApartByTheSender() {
        BoxTester t = apdm(Allocation.preserve().withSharing(Sharing.ANY));
        assertEquals(4000, t.udp(in(4000), S1));
        assertEquals(4000, t.udp(OTHER, S2));
        assertTrue(t.reaches(S1, 4000, in(4000)));
        assertTrue(t.reaches(S2, 4000, OTHER));
        assertEquals(4001, t.udp(OTHER, S1), "the destination is the same");
    }

    @Test
    void overloadingWithEndpointIndependentMappingIsLinux() {
        BoxTester t =
                new BoxTester(
                        NatPolicy.home()
                                .withAllocation(Allocation.preserve().withSharing(Sharing.ANY)));
        assertEquals(4000, t.udp(in(4000), S1));
        assertEquals(4000, t.udp(OTHER, S2));
        assertEquals(4000, t.udp(in(4000), S1B));
        int other = t.udp(in(4000), S2);
        assertNotEquals(4000, other, "taken by the other host, towards that peer");
        assertEquals(other, t.udp(in(4000), S2));
        assertTrue(t.reaches(S2, other, in(4000)));
        assertTrue(t.reaches(S2, 4000, OTHER));
    }

    @Test
    void backgroundTrafficMovesSequencesAndTakesPorts() {
        NatPolicy p =
                NatPolicy.nat(
                        ADDRESS_AND_PORT_DEPENDENT,
                        ADDRESS_AND_PORT_DEPENDENT,
                        Allocation.independent(1));
        BoxTester t = new BoxTester(p.withBackground(20));
        int last = t.udp(in(4000), S1);
        long moved = 0;
        for (int i = 0; i < 200; i++) {
            t.pass(Duration.ofMillis(500));
            int port = t.udp(in(4001 + i), S1);
            moved += Math.floorMod(port - last, 64512) - 1;
            last = port;
        }
        // 100 seconds, Poisson of mean 2000: five sigma
        assertTrue(Math.abs(moved - 2000) < 224, "moved " + moved);

        BoxTester busy =
                new BoxTester(
                        NatPolicy.home()
                                .withAllocation(Allocation.random().withRange(2000, 2999))
                                .withBackground(1e4));
        busy.udp(in(1), S1);
        busy.pass(Duration.ofSeconds(10));
        assertEquals(Reason.NO_PORT, busy.refused(in(2), S1));
    }

    @Test
    void backgroundTrafficOfHoursIsCheap() {
        NatPolicy p =
                NatPolicy.symmetric().withAllocation(Allocation.independent(1)).withBackground(50);
        BoxTester t = new BoxTester(p);
        t.udp(in(1), S1);
        for (int i = 0; i < 5; i++) {
            t.pass(Duration.ofDays(1000)); // one by one this would take for ever
            t.udp(in(1), S1);
        }
    }
}
