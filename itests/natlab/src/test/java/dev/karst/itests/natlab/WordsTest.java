// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What people and tools write. */
class WordsTest {

    @Test
    void everyListedKindIsReadAndSaysTheSameAgain() {
        for (String words : Catalog.all()) {
            RouterKind kind = RouterKind.parse(words);
            assertEquals(kind, RouterKind.parse(kind.toString()), words);
            assertEquals(Catalog.USERSPACE.contains(words), kind.userspace(), words);
        }
        Catalog.named().keySet().forEach(RouterKind::parse);
    }

    @Test
    void whatTheKernelCannotIsDoneByTheBox() {
        assertTrue(RouterKind.parse("apdm,preserve").userspace());
        assertTrue(RouterKind.parse("home,outbound-refresh").userspace());
        assertTrue(!RouterKind.parse("home,udp=5").userspace());
    }

    @Test
    void nonsenseIsRefused() {
        for (String words :
                List.of(
                        "",
                        "eim,xyz",
                        "seq",
                        "seq0",
                        "seq99",
                        "udp=x",
                        "udp=0",
                        "quota=-1",
                        "udp=-5")) {
            assertThrows(LabException.class, () -> RouterKind.parse(words), words);
        }
        for (String site :
                List.of(
                        "a",
                        "A=home",
                        "a=home,hosts=x",
                        "a=home@b",
                        "inet=home",
                        "a=home,loss=-1",
                        "a1234567890=home")) {
            assertThrows(LabException.class, () -> Plan.parse("kn", "x", List.of(site)), site);
        }
        assertThrows(LabException.class, () -> Plan.parse("kn", "a-b", List.of()));
        assertThrows(LabException.class, () -> Plan.parse("kn", "x", List.of("a=home", "a1=home")));
        assertThrows(
                LabException.class, () -> Plan.parse("kn", "x", List.of("a=open", "b=home@a")));
    }

    @Test
    void allocationIsToldByTheNarrowestRule() {
        List<Probe.Pair> row = pairs(500, 7000, 501, 7003, 502, 7006, 503, 7009);
        assertEquals("preserve", Probe.allocation(pairs(9, 9, 4, 4, 7, 7, 2, 2, 5, 5, 8, 8), row));
        assertEquals("seq2", Probe.allocation(pairs(9, 2, 4, 4, 7, 6, 2, 8, 5, 10, 8, 12), row));
        assertEquals(
                "distance",
                Probe.allocation(pairs(9, 109, 4, 104, 7, 107, 2, 102, 5, 105, 8, 108), List.of()));
        assertEquals(
                "dep3",
                Probe.allocation(pairs(9, 502, 4, 7104, 7, 907, 2, 1002, 5, 3105, 8, 9108), row));
        assertEquals("?", Probe.allocation(List.of(), List.of()));
    }

    private static List<Probe.Pair> pairs(int... ports) {
        List<Probe.Pair> pairs = new java.util.ArrayList<>();
        for (int i = 0; i < ports.length; i += 2) {
            pairs.add(new Probe.Pair(ports[i], ports[i + 1]));
        }
        return pairs;
    }

    @Test
    void toolsAreUnderstood() {
        assertEquals(
                Optional.of(Mapping.ADDRESS_DEPENDENT),
                Coturn.mapping("…\nNAT with Address Dependent Mapping!\n"));
        assertEquals(
                Optional.of(Filtering.ADDRESS_AND_PORT_DEPENDENT),
                Coturn.filtering("NAT with Address and Port Dependent Filtering!"));
        assertEquals(Optional.empty(), Coturn.mapping("STUN receive timeout"));
        KarstNat nat =
                KarstNat.parse(
                                """
                                network wlan0

                                ipv6 mapping=none filtering=address-dependent allocation=unknown
                                  tcp mapping=none filtering=unknown allocation=unknown
                                ipv4 mapping=endpoint-independent filtering=apdf allocation=independent-step(-2) p2pd=x
                                  tcp mapping=ADDRESS_DEPENDENT filtering=unknown allocation=random
                                """)
                        .orElseThrow();
        assertEquals(Optional.of(Mapping.ENDPOINT_INDEPENDENT), nat.mapping());
        assertEquals(Optional.of(Filtering.ADDRESS_AND_PORT_DEPENDENT), nat.filtering());
        assertEquals(
                KarstNat.words(new Allocation(Allocation.Way.SEQUENTIAL, -2)), nat.allocation());
        assertEquals(Optional.of(Mapping.ADDRESS_DEPENDENT), nat.tcp().orElseThrow().mapping());
        assertTrue(KarstNat.parse("no such command").isEmpty());
    }
}
