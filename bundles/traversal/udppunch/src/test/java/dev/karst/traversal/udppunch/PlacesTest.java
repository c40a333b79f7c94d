// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.lib.ice.CandidateType;
import dev.karst.lib.ice.IceCandidate;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private static List<String> places(String... endpoints) {
        return Places.of(Stream.of(endpoints).map(Endpoint::parse).toList(), NatProfile.unknown())
                .stream()
                .map(IceCandidate::toString)
                .toList();
    }

    @Test
    void readsWhatIsUdpAndALiteral() {
        assertEquals(
                List.of(
                        "host 10.0.0.2:4000",
                        "srflx 203.0.113.5:4001",
                        "relay 203.0.113.6:4002",
                        "host [2001:db8:0:0:0:0:0:1]:4003"),
                places(
                        "udp://10.0.0.2:4000",
                        "tcp://10.0.0.2:4000",
                        "udp://203.0.113.5:4001?a=b&typ=srflx&c",
                        "udp://203.0.113.5:4001?typ=host",
                        "udp://203.0.113.6:4002?typ=relay",
                        "udp://203.0.113.7:4002?typ=carrier-pigeon",
                        "udp://[2001:db8::1]:4003?typ=host",
                        "udp://10.0.0.3",
                        "udp://example.org:4"));
    }

    @Test
    void theOrderOfThePeerIsKeptAndIpv6ComesFirst() {
        List<IceCandidate> c =
                Places.of(
                        Stream.of("udp://10.0.0.2:1", "udp://10.0.0.3:1", "udp://[2001:db8::1]:1")
                                .map(Endpoint::parse)
                                .toList(),
                        NatProfile.unknown());
        assertTrue(c.get(2).priority() > c.get(0).priority());
        assertTrue(c.get(0).priority() > c.get(1).priority());
    }

    @Test
    void whereTheNatWasSeenIsAPlaceToo() {
        var nat = NatBehavior.builder().mapped(new InetSocketAddress("203.0.113.5", 9));
        nat.udp(Behavior.ADDRESS_AND_PORT_DEPENDENT, Behavior.UNKNOWN);
        assertEquals(
                "[srflx 203.0.113.5:9]",
                Places.of(List.of(), NatProfile.of(nat.build())).toString());
        nat.udp(Behavior.BLOCKED, Behavior.BLOCKED);
        assertTrue(Places.of(List.of(), NatProfile.of(nat.build())).isEmpty());
    }

    @Test
    void takesSoManyOnly() {
        var many = IntStream.range(1, 100).mapToObj(i -> Endpoint.parse("udp://10.0.0.1:" + i));
        assertEquals(32, Places.of(many.toList(), NatProfile.unknown()).size());
    }

    @Test
    void notesComeBackAsTheyWent() throws Exception {
        for (String host : List.of("203.0.113.5", "2001:db8::5")) {
            for (CandidateType t : CandidateType.values()) {
                var a = new InetSocketAddress(InetAddress.getByName(host), 65_000);
                Note n = new Note(t, a);
                assertEquals(n, Note.read(n.bytes()).orElseThrow());
            }
        }
    }

    @Test
    void strangeNotesAreNone() {
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            if (bytes.length > 2 && random.nextBoolean()) {
                bytes[0] = 1;
                bytes[1] = (byte) random.nextInt(5);
                bytes[2] = (byte) (random.nextBoolean() ? 4 : 16);
            }
            try {
                Note.read(bytes).ifPresent(n -> Places.candidate(n.type(), n.address(), 0));
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
