// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.karst.core.nat.P2pdName.Delta;
import dev.karst.core.nat.P2pdName.Type;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class P2pdNameTest {
    /** The way there and back, for each of the 35. */
    @Test
    void aRouterIsCalledWhatCanBeSeenOfIt() {
        Set<String> classes = new TreeSet<>();
        for (Type t : Type.values()) {
            for (Delta d : Delta.values()) {
                if (d == Delta.NA) {
                    continue;
                }
                P2pdName name = new P2pdName(t, d);
                NatBehavior seen = NatBehavior.builder().udp(name.observable().udp()).build();
                assertEquals(name.observable(), P2pdName.of(seen), name.toString());
                classes.add(name.observable().toString());
            }
        }
        // 4 types that translate by 5 deltas, less two that look mapped independently, and 3
        // without
        // a delta
        assertEquals(21, classes.size(), classes.toString());
    }

    @Test
    void blockedUdpLeavesTcpPortRestricted() {
        P2pdName blocked = new P2pdName(Type.BLOCKED_NAT, Delta.INDEPENDENT);
        assertEquals(Behavior.BLOCKED, blocked.udp().mapping());
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, blocked.tcp().mapping());
        assertEquals(Behavior.ADDRESS_AND_PORT_DEPENDENT, blocked.tcp().filtering());
        assertEquals("blocked", blocked.observable().toString());
    }

    @Test
    void whatIsUnknownHasNoName() {
        assertNull(P2pdName.of(NatBehavior.builder().build()));
        NatBehavior half =
                NatBehavior.builder().udp(Behavior.ENDPOINT_INDEPENDENT, Behavior.UNKNOWN).build();
        assertEquals("restrict-port", P2pdName.of(half).toString());
    }
}
