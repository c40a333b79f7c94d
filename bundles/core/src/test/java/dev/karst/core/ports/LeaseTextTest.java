// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeaseTextTest {
    private static final Held PCP =
            new Held(
                    "pcp",
                    "router = 1\nwith a break",
                    new PortLease(
                            Protocol.TCP,
                            new InetSocketAddress("192.168.1.2", 4001),
                            40001,
                            Optional.of(FakeRouter.address("203.0.113.9")),
                            Duration.ofHours(1),
                            Map.of("nonce", "00ff: #!=\\", "empty", "")),
                    Instant.parse("2026-01-01T00:00:00Z"));
    private static final Held PINHOLE =
            new Held(
                    "upnp",
                    "",
                    new PortLease(
                            Protocol.UDP,
                            new InetSocketAddress("2001:db8::2", 7),
                            7,
                            Optional.empty(),
                            Duration.ZERO,
                            Map.of()),
                    Instant.MAX);

    @Test
    void comesBackAsItWas() {
        assertEquals(List.of(PCP, PINHOLE), LeaseText.read(LeaseText.write(List.of(PCP, PINHOLE))));
    }

    @Test
    void damageCostsTheDamagedEntriesOnly() {
        String text = LeaseText.write(List.of(PCP, PINHOLE));
        assertEquals(List.of(PINHOLE), LeaseText.read(text.replace("=4001", "=many")));
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            char[] bad = text.toCharArray();
            for (int k = 0; k < 3; k++) {
                bad[random.nextInt(bad.length)] = (char) random.nextInt(128);
            }
            assertTrue(LeaseText.read(new String(bad)).size() <= 2);
        }
    }

    @Test
    void onlyPortsThatFaceARouterAreWanted() {
        Gateway home = new Gateway("eth0", FakeRouter.address("192.168.1.2"), Optional.empty());
        Gateway six = new Gateway("eth0", FakeRouter.address("2001:db8::2"), Optional.empty());
        Gateway ula = new Gateway("eth0", FakeRouter.address("fd00::2"), Optional.empty());
        Gateway open = new Gateway("ppp0", FakeRouter.address("198.51.100.7"), Optional.empty());
        List<Endpoint> listening =
                List.of(
                        Endpoint.parse("tcp://192.168.1.2:4001"),
                        Endpoint.of("tcp", "2001:db8:0:0:0:0:0:2", 4001),
                        Endpoint.of("tcp", "fd00:0:0:0:0:0:0:2", 4001),
                        Endpoint.parse("tcp://198.51.100.7:4001"),
                        Endpoint.parse("quic://192.168.1.2:4001"));
        var wants =
                Wants.of(
                        listening,
                        List.of(new InetSocketAddress("192.168.1.2", 5000)),
                        List.of(home, six, ula, open));
        assertEquals(
                List.of("TCP 192.168.1.2:4001", "UDP 192.168.1.2:5000", "TCP [2001:db8::2]:4001"),
                wants.stream().map(Want::toString).toList());
    }
}
