// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import static dev.karst.lib.portmap.testing.Rig.failure;
import static dev.karst.lib.portmap.testing.Rig.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.world.CoreScope;
import dev.karst.lib.portmap.Tuning;
import dev.karst.lib.portmap.testing.FakePcp;
import dev.karst.lib.portmap.testing.FakePmp;
import dev.karst.lib.portmap.testing.FakeRouter;
import dev.karst.lib.portmap.testing.Rig;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What may go wrong between a host and its router. */
@Timeout(20)
class NatPmpMapperTest {
    private final Rig rig = new Rig();
    private final CoreScope scope = rig.scope();
    private final FakePmp router = new FakePmp(0);
    private final NatPmpMapper mapper = mapper(router);

    private static NatPmpMapper mapper(FakeRouter r) {
        return new NatPmpMapper(
                new Tuning(r.port(), r.port(), Duration.ZERO, Duration.ofMinutes(1)));
    }

    @AfterEach
    void stop() {
        scope.cancel();
        router.close();
        rig.close();
        assertEquals(0, rig.counters.get("scope.task-failed"), rig.counters.snapshot().toString());
        assertEquals(0, rig.counters.get("net.handler-failed"));
    }

    private PortGateway found() {
        return get(mapper.probe(Rig.route(router.address()), scope)).get(0);
    }

    private PortRequest wanted(int port) {
        return new PortRequest(
                Protocol.UDP, Rig.internal(router.address(), port), port, Duration.ofHours(2));
    }

    private PortLease lease() {
        return get(mapper.acquire(wanted(6000), found(), scope));
    }

    @Test
    void tellsTheExternalAddressEvenAPrivateOne() {
        router.external = Rig.address("192.168.100.2");
        assertEquals(Optional.of(router.external), found().external());
        assertEquals(Optional.of(router.external), lease().external());
        router.external = Rig.address("0.0.0.0");
        assertEquals(Optional.empty(), found().external());
    }

    @Test
    void aMappingIsWorthMoreThanItsAddress() {
        PortGateway g = found();
        router.twist = a -> a.length == 12 ? List.of() : List.of(a); // says no address any more
        PortLease l = get(mapper.acquire(wanted(6000), g, scope));
        assertEquals(g.external(), l.external(), "what the probe was told");
    }

    @Test
    void asksAgainWhatWasLost() {
        AtomicInteger n = new AtomicInteger();
        router.twist = a -> n.incrementAndGet() == 1 ? List.of() : List.of(a);
        long began = System.nanoTime();
        found();
        long took = (System.nanoTime() - began) / 1_000_000;
        assertTrue(took >= 240 && took < 700, took + " ms");
        assertEquals(2, router.heard.size());
    }

    @Test
    void aDeadRouterCostsLessThanThreeSeconds() {
        router.silent = true;
        long began = System.nanoTime();
        KarstException e = failure(mapper.probe(Rig.route(router.address()), scope));
        long took = (System.nanoTime() - began) / 1_000_000;
        assertEquals(Code.TIMEOUT, e.code());
        assertTrue(e.getMessage().contains(router.address().getHostAddress()), e.getMessage());
        assertTrue(took > 2000 && took < 3500, took + " ms");
        assertEquals(4, router.heard.size());
    }

    @Test
    void saysWhatTheRouterSaid() {
        PortGateway g = found();
        Map<Integer, Code> codes =
                Map.of(
                        1, Code.INCOMPATIBLE,
                        2, Code.NOT_PERMITTED,
                        3, Code.UNREACHABLE,
                        4, Code.LIMIT,
                        5, Code.INCOMPATIBLE,
                        77, Code.IO);
        codes.forEach(
                (result, code) -> {
                    router.refuses = result;
                    KarstException e = failure(mapper.acquire(wanted(6000), g, scope));
                    assertEquals(code, e.code(), e.getMessage());
                    assertTrue(e.getMessage().contains("result " + result), e.getMessage());
                    assertTrue(e.getMessage().contains(g.name()), e.getMessage());
                });
        assertEquals(1 + codes.size(), router.heard.size(), "asked once each");
    }

    @Test
    void knowsAServerOfPcpByItsRefusal() {
        try (FakePcp pcp = new FakePcp(0)) {
            KarstException e = failure(mapper(pcp).probe(Rig.route(pcp.address()), scope));
            assertEquals(Code.INCOMPATIBLE, e.code());
            assertTrue(e.getMessage().contains("PCP"), e.getMessage());
        }
    }

    @Test
    void takesTheLifetimeAndThePortThatItGets() {
        router.mostSeconds = 120;
        PortRequest r = wanted(FakeRouter.TAKEN + 5);
        PortLease l = get(mapper.acquire(r, found(), scope));
        assertEquals(Duration.ofSeconds(120), l.lifetime());
        assertTrue(l.externalPort() < FakeRouter.TAKEN);
        router.reboot();
        assertEquals(
                l.externalPort(),
                get(mapper.renew(l, r, scope)).externalPort(),
                "asks for the port that it had");
    }

    @Test
    void doesNotBelieveNonsense() {
        PortGateway g = found();
        router.twist = a -> List.of(a.length == 16 ? zero(a, 10, 12) : a); // port 0
        KarstException e = failure(mapper.acquire(wanted(6000), g, scope));
        assertTrue(e.getMessage().contains("grants nothing"), e.getMessage());
        router.twist = a -> List.of(a.length == 16 ? ones(a, 12, 16) : a); // for 136 years
        PortLease l = get(mapper.acquire(wanted(6001), g, scope));
        assertEquals(Duration.ofDays(1), l.lifetime());
    }

    private static byte[] zero(byte[] a, int from, int to) {
        Arrays.fill(a, from, to, (byte) 0);
        return a;
    }

    private static byte[] ones(byte[] a, int from, int to) {
        Arrays.fill(a, from, to, (byte) 0xff);
        return a;
    }

    @Test
    void dropsWhatIsNoAnswer() {
        PortGateway g = found();
        router.twist =
                a ->
                        List.of(
                                Arrays.copyOf(a, 3),
                                Arrays.copyOf(a, a.length - 1),
                                new byte[1400],
                                new byte[0],
                                zero(ones(a.clone(), 8, 10), 2, 4), // about another port
                                a);
        PortLease l = get(mapper.acquire(wanted(6000), g, scope));
        assertEquals(6000, l.externalPort());
        assertTrue(rig.counters.get("natpmp.malformed") >= 3, counts());
        assertTrue(rig.counters.get("natpmp.oversized") >= 1, counts());
        assertTrue(rig.counters.get("natpmp.unexpected") >= 1, counts());
    }

    private String counts() {
        return rig.counters.snapshot().toString();
    }

    @Test
    void dropsWhatOthersSend() {
        PortGateway g = found();
        byte[] forged = new byte[16];
        forged[1] = (byte) 129;
        forged[8] = (byte) (6000 >> 8);
        forged[9] = (byte) 6000;
        forged[10] = forged[11] = forged[15] = 66;
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
                DatagramSocket same =
                        new DatagramSocket(new InetSocketAddress(router.address(), 0))) {
            router.before =
                    to -> {
                        for (DatagramSocket s : List.of(other, same)) {
                            try {
                                s.send(new DatagramPacket(forged, forged.length, to));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                        return null;
                    };
            PortLease l = get(mapper.acquire(wanted(6000), g, scope));
            assertEquals(6000, l.externalPort(), "not 16962, as the forger said");
            assertTrue(rig.counters.get("natpmp.wrong-source") >= 2, counts());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFloodFromTheRouterIsBounded() {
        router.twist =
                a -> {
                    byte[][] many = new byte[5000][];
                    Arrays.fill(many, new byte[] {1, 2, 3, 4});
                    many[many.length - 1] = a;
                    return List.of(many);
                };
        AtomicInteger n = new AtomicInteger();
        var all = router.twist;
        router.twist = a -> n.incrementAndGet() == 1 ? all.apply(a) : List.of(a);
        found();
        assertTrue(rig.counters.get("natpmp.malformed") > 0, counts());
    }

    @Test
    void opensNoIpv6Ports() {
        Network.Gateway v6 =
                new Network.Gateway("lo", Rig.address("::1"), Optional.of(Rig.address("fe80::1")));
        assertEquals(Code.INCOMPATIBLE, failure(mapper.probe(v6, scope)).code());
        PortRequest r =
                new PortRequest(
                        Protocol.TCP, new InetSocketAddress("::1", 6000), 6000, Duration.ZERO);
        assertEquals(Code.INCOMPATIBLE, failure(mapper.acquire(r, found(), scope)).code());
    }

    @Test
    void needsToKnowTheRouter() {
        Network.Gateway p2p =
                new Network.Gateway("ppp0", Rig.address("127.0.0.1"), Optional.empty());
        KarstException e = failure(mapper.probe(p2p, scope));
        assertEquals(Code.NOT_FOUND, e.code());
        assertTrue(e.getMessage().contains("ppp0"), e.getMessage());
    }

    @Test
    void neverAsksToEndAllMappings() {
        PortRequest r =
                new PortRequest(
                        Protocol.UDP, Rig.internal(router.address(), 0), 6000, Duration.ZERO);
        PortGateway g = found();
        failure(mapper.acquire(r, g, scope));
        PortLease l =
                new PortLease(
                        Protocol.UDP,
                        r.internal(),
                        6000,
                        Optional.empty(),
                        Duration.ZERO,
                        g.state());
        failure(mapper.release(l, scope));
        assertEquals(1, router.heard.size(), "but the probe");
        r = wanted(6000);
        r = new PortRequest(r.protocol(), r.internal(), 6000, Duration.ZERO);
        get(mapper.acquire(r, g, scope));
        assertEquals(1, router.mappings().size(), "no lifetime means the usual one");
    }

    @Test
    void doesNotTrustItsLedgerBlindly() {
        PortLease l = lease();
        for (String text : List.of("", "router.example", "1.2.3", "fe80::1%no-such", "999.1.1.1")) {
            PortLease bad =
                    new PortLease(
                            l.protocol(),
                            l.internal(),
                            l.externalPort(),
                            l.external(),
                            l.lifetime(),
                            Map.of("gateway", text));
            failure(mapper.renew(bad, wanted(6000), scope));
            failure(mapper.release(bad, scope));
        }
    }

    @Test
    void cannotMapForAnotherHost() {
        PortRequest r =
                new PortRequest(
                        Protocol.UDP,
                        new InetSocketAddress("198.51.100.9", 6000),
                        6000,
                        Duration.ZERO);
        KarstException e = failure(mapper.acquire(r, found(), scope));
        assertEquals(Code.IO, e.code());
        assertTrue(e.getMessage().contains("198.51.100.9"), e.getMessage());
    }
}
