// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OddsTest {
    @ParameterizedTest
    @CsvSource({
        "UNKNOWN, UNKNOWN, 0.5",
        "NONE, ENDPOINT_INDEPENDENT, 0.95",
        "NONE, UNKNOWN, 0.95",
        "NONE, ADDRESS_AND_PORT_DEPENDENT, 0.3",
        "ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT, 0.15",
        "ADDRESS_AND_PORT_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT, 0.15",
        "BLOCKED, BLOCKED, 0.5",
    })
    void followTheRemoteNat(Behavior mapping, Behavior filtering, double chance) {
        NatBehavior remote = NatBehavior.builder().udp(mapping, filtering).build();
        var odds = new DirectStrategy().estimate(NatProfile.unknown(), NatProfile.of(remote));
        assertEquals(chance, odds.chance());
        assertEquals(200, odds.time().toMillis());
    }
}
