// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChancesTest {
    private static final Behavior ADDRESS = Behavior.ADDRESS_DEPENDENT;
    private static final Behavior PORT = Behavior.ADDRESS_AND_PORT_DEPENDENT;

    /** mapping/filtering, by their initials. */
    private static NatBehavior.Builder nat(String kind) {
        return NatBehavior.builder().udp(behavior(kind, 0), behavior(kind, 1));
    }

    private static Behavior behavior(String kind, int at) {
        return switch (kind.split("/")[at]) {
            case "E" -> Behavior.ENDPOINT_INDEPENDENT;
            case "A" -> ADDRESS;
            case "P" -> PORT;
            case "-" -> Behavior.NONE;
            case "X" -> Behavior.BLOCKED;
            default -> Behavior.UNKNOWN;
        };
    }

    private static double chance(NatBehavior.Builder l, NatBehavior.Builder r) {
        double chance = Chances.of(NatProfile.of(l.build()), NatProfile.of(r.build())).chance();
        assertEquals(
                chance,
                Chances.of(NatProfile.of(r.build()), NatProfile.of(l.build())).chance(),
                "the same from both sides");
        return chance;
    }

    @ParameterizedTest
    @CsvSource({
        "E/E, E/E, 0.97",
        "E/P, E/P, 0.97",
        "E/A, E/P, 0.97",
        "-/?, P/P, 0.97",
        "-/E, P/P, 0.97",
        "-/P, E/P, 0.97",
        "E/E, P/P, 0.97",
        "E/A, P/P, 0.9",
        "E/A, A/P, 0.9",
        "E/P, P/P, 0.05",
        "-/P, P/P, 0.05",
        "P/P, P/P, 0.02",
        "P/A, A/A, 0.02",
        "A/E, A/A, 0.9",
        "P/E, A/A, 0.9",
        "P/E, P/E, 0.02",
        "P/E, E/P, 0.05",
        "X/X, E/E, 0.01",
        "X/X, -/E, 0.01",
        "?/?, E/P, 0.582",
    })
    void followBothNats(String l, String r, double chance) {
        assertEquals(chance, chance(nat(l), nat(r)), 1e-9);
    }

    @Test
    void aPreservingOneThatMovesPortsMovesThem() {
        var kind = new PortAllocation(PortAllocation.Kind.PRESERVED, 0, 0.9, 0, 0, 0);
        var preserving = NatBehavior.builder().udp(new Translation(PORT, PORT, kind));
        assertEquals(0.05, chance(preserving, nat("E/P")), 1e-9);
    }

    @Test
    void severalAddressesMakeItWorse() {
        var several = nat("P/P").hint(NatBehavior.Hint.SEVERAL_ADDRESSES);
        assertTrue(chance(several, nat("E/A")) < 0.5);
    }

    @Test
    void behindTheSameNatTheyMeetInside() {
        var outside = new InetSocketAddress("203.0.113.1", 4);
        assertEquals(0.8, chance(nat("P/P").mapped(outside), nat("P/P").mapped(outside)));
        assertEquals(0.01, chance(nat("X/X").mapped(outside), nat("P/P").mapped(outside)));
    }

    @Test
    void nothingKnownIsHalf() {
        NatProfile nothing = NatProfile.unknown();
        assertEquals(0.5, Chances.of(nothing, nothing).chance());
        assertEquals(0.01, Chances.of(nothing, NatProfile.of(nat("X/X").build())).chance());
        var six = Optional.of(nat("-/P").build());
        var both = new NatProfile(Optional.of(nat("P/P").build()), six);
        assertEquals(0.97, Chances.of(both, both).chance());
    }

    @Test
    void onlyARelayIsLeftWhereOneSideHasNoUdp() {
        NatProfile shut = NatProfile.of(nat("X/X").build());
        NatProfile open = NatProfile.of(nat("-/E").build());
        var six = Optional.of(nat("-/P").build());
        assertTrue(Chances.relayOnly(shut, open));
        assertTrue(Chances.relayOnly(open, shut));
        assertTrue(Chances.relayOnly(shut, NatProfile.unknown()));
        assertFalse(Chances.relayOnly(open, open));
        assertFalse(
                Chances.relayOnly(
                        new NatProfile(shut.ipv4(), six), new NatProfile(shut.ipv4(), six)));
    }
}
