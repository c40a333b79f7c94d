// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.reverse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OddsTest {
    private static NatProfile tcp(Behavior mapping, Behavior filtering) {
        return NatProfile.of(
                NatBehavior.builder()
                        .tcp(new Translation(mapping, filtering, PortAllocation.unknown()))
                        .build());
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, ENDPOINT_INDEPENDENT, 0.9",
        "NONE, UNKNOWN, 0.9",
        "NONE, ADDRESS_AND_PORT_DEPENDENT, 0.2",
        "ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT, 0.15",
        "UNKNOWN, UNKNOWN, 0.4",
        "BLOCKED, BLOCKED, 0",
    })
    void followTheEasierSide(Behavior mapping, Behavior filtering, double chance) {
        NatProfile shut = tcp(Behavior.BLOCKED, Behavior.BLOCKED);
        NatProfile it = tcp(mapping, filtering);
        assertEquals(chance, new ReverseStrategy().estimate(it, shut).chance());
        assertEquals(chance, new ReverseStrategy().estimate(shut, it).chance());
    }

    @Test
    void needsBothSides() {
        assertTrue(new ReverseStrategy().mutual());
    }
}
