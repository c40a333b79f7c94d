// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutsideTest {
    private static NatBehavior.Builder nat(Behavior mapping, Kind kind) {
        return NatBehavior.builder()
                .tcp(
                        new Translation(
                                mapping,
                                Behavior.ADDRESS_AND_PORT_DEPENDENT,
                                new PortAllocation(kind, 0, 1, 0, 0, 0)));
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, UNKNOWN, 0.75",
        "ENDPOINT_INDEPENDENT, PRESERVED, 0.75",
        "ADDRESS_AND_PORT_DEPENDENT, PRESERVED, 0.75",
        "ENDPOINT_INDEPENDENT, UNKNOWN, 0.225",
        "ENDPOINT_INDEPENDENT, RANDOM, 0.0375",
        "ADDRESS_AND_PORT_DEPENDENT, INDEPENDENT_STEP, 0.0375",
        "BLOCKED, UNKNOWN, 0",
    })
    void theChanceIsThatBothPortsAreKnown(Behavior mapping, Kind kind, double chance) {
        NatProfile open = NatProfile.of(nat(Behavior.NONE, Kind.UNKNOWN).build());
        NatProfile it = NatProfile.of(nat(mapping, kind).build());
        assertEquals(chance, Outside.odds(open, it).chance(), 1e-9);
        assertEquals(chance, Outside.odds(it, open).chance(), 1e-9);
    }

    @Test
    void thePlaceIsTheOutsideAddressWithTheOwnPort() {
        var outside = new InetSocketAddress("203.0.113.1", 9);
        var v4 = nat(Behavior.ENDPOINT_INDEPENDENT, Kind.PRESERVED).mapped(outside).build();
        var v6 =
                nat(Behavior.NONE, Kind.UNKNOWN)
                        .local(new InetSocketAddress("2001:db8::1", 5))
                        .build();
        assertEquals(
                List.of(
                        new InetSocketAddress("203.0.113.1", 4000),
                        new InetSocketAddress("2001:db8::1", 4000)),
                Outside.places(new NatProfile(Optional.of(v4), Optional.of(v6)), 4000));
        assertTrue(Outside.places(NatProfile.unknown(), 4000).isEmpty());
    }
}
