// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import static dev.karst.lib.portmap.testing.Rig.failure;
import static dev.karst.lib.portmap.testing.Rig.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.world.CoreScope;
import dev.karst.lib.portmap.Tuning;
import dev.karst.lib.portmap.testing.FakePcp;
import dev.karst.lib.portmap.testing.FakePmp;
import dev.karst.lib.portmap.testing.FakeRouter;
import dev.karst.lib.portmap.testing.Rig;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
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
class PcpMapperTest {
    private final Rig rig = new Rig();
    private final CoreScope scope = rig.scope();
    private final FakePcp router = new FakePcp(0);
    private final PcpMapper mapper = mapper(router);

    private static PcpMapper mapper(FakeRouter r) {
        return new PcpMapper(
                new Tuning(r.port(), r.port(), Duration.ZERO, Duration.ofMinutes(1)),
                Anycast.STANDARD); // which no packet from loopback reaches
    }

    @AfterEach
    void stop() {
        scope.cancel();
        router.close();
        rig.close();
        assertEquals(0, rig.counters.get("scope.task-failed"), counts());
        assertEquals(0, rig.counters.get("net.handler-failed"), counts());
    }

    private String counts() {
        return rig.counters.snapshot().toString();
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
    void keepsItsNonceInTheLease() {
        PortLease l = lease();
        String nonce = l.state().get("nonce");
        assertEquals(nonce, router.mappings().values().iterator().next().nonce());
        PortLease again = get(mapper(router).renew(l, wanted(6000), scope));
        assertEquals(nonce, again.state().get("nonce"), "who renews needs it to release");
        PortLease other = get(mapper.acquire(wanted(6001), found(), scope));
        assertNotEquals(nonce, other.state().get("nonce"));
    }

    @Test
    void whoDoesNotKnowTheNonceCannotTakeItAway() {
        PortLease l = lease();
        KarstException e = failure(mapper(router).acquire(wanted(6000), found(), scope));
        assertEquals(Code.NOT_PERMITTED, e.code());
        assertTrue(e.getMessage().contains("somebody else holds"), e.getMessage());
        PortLease stolen = with(l, Map.of("gateway", "127.0.0.1"));
        assertEquals(Code.CONFIGURATION, failure(mapper.renew(stolen, wanted(6000), scope)).code());
        assertEquals(Code.CONFIGURATION, failure(mapper.release(stolen, scope)).code());
        assertEquals(1, router.mappings().size());
    }

    private static PortLease with(PortLease l, Map<String, String> state) {
        return new PortLease(
                l.protocol(), l.internal(), l.externalPort(), l.external(), l.lifetime(), state);
    }

    @Test
    void tellsAPrivateExternalAddressAsItIs() {
        router.external = Rig.address("10.1.2.3"); // NAT behind NAT
        assertEquals(Optional.of(router.external), lease().external());
        router.external = Rig.address("0.0.0.0");
        assertEquals(
                Optional.empty(), get(mapper.acquire(wanted(6001), found(), scope)).external());
    }

    @Test
    void knowsARouterThatKnowsNoAnnounce() {
        router.announces = false;
        assertEquals(router.address().getHostAddress(), found().name());
    }

    @Test
    void saysThatARouterSpeaksNatPmpOnly() {
        try (FakePmp pmp = new FakePmp(0)) {
            KarstException e = failure(mapper(pmp).probe(Rig.route(pmp.address()), scope));
            assertEquals(Code.INCOMPATIBLE, e.code());
            assertTrue(e.getMessage().endsWith("speaks NAT-PMP only"), e.getMessage());
            assertEquals(1, pmp.heard.size());
        }
        router.twist =
                a -> {
                    a[0] = 1;
                    a[3] = 1;
                    return List.of(a);
                };
        KarstException e = failure(mapper.probe(Rig.route(router.address()), scope));
        assertTrue(e.getMessage().contains("version 1"), e.getMessage());
    }

    @Test
    void aDeadRouterCostsLessThanThreeSeconds() {
        router.silent = true;
        long began = System.nanoTime();
        KarstException e = failure(mapper.probe(Rig.route(router.address()), scope));
        long took = (System.nanoTime() - began) / 1_000_000;
        assertTrue(e.getMessage().contains(router.address().getHostAddress()), e.getMessage());
        assertTrue(took > 2000 && took < 3500, took + " ms");
        assertEquals(4, router.heard.size());
    }

    @Test
    void asksTheAnycastAddressSecond() {
        Anycast near = new Anycast(router.address(), Rig.address("::1"));
        Tuning t = new Tuning(router.port(), 1, Duration.ZERO, Duration.ofMinutes(1));
        PcpMapper m = new PcpMapper(t, near);
        var unknown =
                new dev.karst.spi.net.Network.Gateway(
                        "lo", Rig.address("127.0.0.1"), Optional.empty());
        assertEquals(router.address().getHostAddress(), get(m.probe(unknown, scope)).get(0).name());
        long began = System.nanoTime();
        PortGateway g = get(m.probe(Rig.route(FakeRouter.anyLoopback()), scope)).get(0);
        long took = (System.nanoTime() - began) / 1_000_000;
        assertEquals(router.address().getHostAddress(), g.name());
        assertTrue(took >= 700 && took < 1500, took + " ms");
        get(m.release(get(m.acquire(wanted(6000), g, scope)), scope));
    }

    @Test
    void aShortDeadlineEndsAProbe() {
        router.silent = true;
        CoreScope s = rig.scope(Duration.ofMillis(400));
        KarstException e = failure(mapper.probe(Rig.route(router.address()), s));
        assertEquals(Code.TIMEOUT, e.code(), e.getMessage());
        s.cancel();
    }

    @Test
    void saysWhatTheRouterSaid() {
        PortGateway g = found();
        for (int result = 1; result <= 14; result++) {
            router.refuses = result;
            KarstException e = failure(mapper.acquire(wanted(6000), g, scope));
            assertTrue(e.getMessage().contains("result " + result), e.getMessage());
            assertTrue(e.getMessage().contains(g.name()), e.getMessage());
        }
        assertEquals(1 + 14, router.heard.size(), "asked once each");
    }

    @Test
    void doesNotAskAgainWhileARefusalLasts() {
        PortGateway g = found();
        router.refuses = 8;
        router.errorSeconds = 1;
        KarstException e = failure(mapper.acquire(wanted(6000), g, scope));
        assertEquals(Code.LIMIT, e.code());
        assertTrue(e.getMessage().endsWith("not before 1 s"), e.getMessage());
        int heard = router.heard.size();
        assertEquals(e.getMessage(), failure(mapper.acquire(wanted(6000), g, scope)).getMessage());
        assertEquals(heard, router.heard.size());
        failure(mapper.acquire(wanted(6001), g, scope));
        assertEquals(heard + 1, router.heard.size(), "another port is another question");
        router.refuses = 0;
        org.awaitility.Awaitility.await()
                .until(
                        () ->
                                mapper.acquire(wanted(6000), g, scope)
                                        .handle((l, x) -> x == null)
                                        .toCompletableFuture()
                                        .join());
    }

    @Test
    void takesTheLifetimeAndThePortThatItGets() {
        router.mostSeconds = 120;
        PortRequest r = wanted(FakeRouter.TAKEN + 5);
        PortLease l = get(mapper.acquire(r, found(), scope));
        assertEquals(Duration.ofSeconds(120), l.lifetime());
        assertTrue(l.externalPort() < FakeRouter.TAKEN);
        router.reboot();
        assertEquals(l.externalPort(), get(mapper.renew(l, r, scope)).externalPort());
    }

    @Test
    void doesNotBelieveNonsense() {
        PortGateway g = found();
        router.twist = a -> List.of(fill(a, 42, 44, 0)); // port 0
        KarstException e = failure(mapper.acquire(wanted(6000), g, scope));
        assertTrue(e.getMessage().contains("grants nothing"), e.getMessage());
        router.twist = a -> List.of(fill(a, 4, 8, 0xff)); // for 136 years
        PortLease l = get(mapper.acquire(wanted(6001), g, scope));
        assertEquals(Duration.ofDays(1), l.lifetime());
    }

    private static byte[] fill(byte[] a, int from, int to, int with) {
        byte[] out = a.clone();
        Arrays.fill(out, from, to, (byte) with);
        return out;
    }

    @Test
    void dropsWhatIsNoAnswer() {
        PortGateway g = found();
        router.twist =
                a ->
                        List.of(
                                fill(a, 24, 36, 0), // another nonce
                                fill(a, 40, 42, 0xff), // another port
                                fill(a, 36, 37, 6), // another protocol
                                fill(a, 1, 2, 0x82), // PEER
                                fill(a, 1, 2, 1), // our own request
                                Arrays.copyOf(a, 20),
                                Arrays.copyOf(a, a.length - 4),
                                Arrays.copyOf(a, 1101),
                                Arrays.copyOf(a, 1400),
                                a);
        PortLease l = get(mapper.acquire(wanted(6000), g, scope));
        assertEquals(6000, l.externalPort());
        assertEquals(1, rig.counters.get("pcp.wrong-nonce"), counts());
        assertTrue(rig.counters.get("pcp.malformed") >= 2, counts());
        assertTrue(rig.counters.get("pcp.unexpected") >= 3, counts());
        assertEquals(2, rig.counters.get("pcp.oversized"), counts());
    }

    @Test
    void dropsWhatOthersSend() throws IOException {
        PortGateway g = found();
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
                DatagramSocket same =
                        new DatagramSocket(new InetSocketAddress(router.address(), 0))) {
            router.before =
                    to -> {
                        byte[] forged = router.heard.get(router.heard.size() - 1).clone();
                        forged[1] |= (byte) 0x80; // with the right nonce, even
                        forged[42] = forged[43] = 66;
                        for (DatagramSocket s : List.of(other, same)) {
                            try {
                                s.send(new DatagramPacket(forged, forged.length, to));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                        return null;
                    };
            assertEquals(6000, get(mapper.acquire(wanted(6000), g, scope)).externalPort());
            assertEquals(2, rig.counters.get("pcp.wrong-source"), counts());
        }
    }

    @Test
    void asksAgainWhatWasLost() {
        PortGateway g = found();
        AtomicInteger n = new AtomicInteger();
        router.twist = a -> n.incrementAndGet() <= 2 ? List.of() : List.of(a);
        PortLease l = get(mapper.acquire(wanted(6000), g, scope));
        assertEquals(4, router.heard.size());
        assertEquals(l.state().get("nonce"), router.mappings().values().iterator().next().nonce());
    }

    @Test
    void neverAsksForAllPorts() {
        PortGateway g = found();
        PortRequest r =
                new PortRequest(
                        Protocol.TCP, Rig.internal(router.address(), 0), 6000, Duration.ZERO);
        assertEquals(Code.CONFIGURATION, failure(mapper.acquire(r, g, scope)).code());
        assertEquals(1, router.heard.size());
        r = new PortRequest(Protocol.TCP, wanted(6000).internal(), 6000, Duration.ZERO);
        get(mapper.acquire(r, g, scope));
        assertEquals(1, router.mappings().size(), "no lifetime means the usual one");
    }

    @Test
    void anEndedMappingNeedsNoResources() {
        PortLease l = lease();
        router.refuses = 8;
        get(mapper.release(l, scope));
        router.refuses = 2;
        assertEquals(Code.NOT_PERMITTED, failure(mapper.release(l, scope)).code());
    }

    @Test
    void doesNotMixFamilies() {
        PortRequest r =
                new PortRequest(
                        Protocol.TCP, new InetSocketAddress("::1", 6000), 6000, Duration.ZERO);
        KarstException e = failure(mapper.acquire(r, found(), scope));
        assertEquals(Code.CONFIGURATION, e.code(), e.getMessage());
    }

    @Test
    void opensPinholes() {
        try (FakePcp v6 = new FakePcp(Rig.address("::1"), 0)) {
            PcpMapper m = mapper(v6);
            PortGateway g = get(m.probe(Rig.route(v6.address()), scope)).get(0);
            PortRequest r =
                    new PortRequest(
                            Protocol.TCP,
                            Rig.internal(v6.address(), 6000),
                            7000,
                            Duration.ofHours(1));
            PortLease l = get(m.acquire(r, g, scope));
            byte[] asked = v6.heard.get(v6.heard.size() - 1);
            assertEquals(6000, ByteBuffer.wrap(asked).getShort(42), "the same outside as inside");
            assertEquals(6000, l.externalPort());
            assertEquals(Optional.of(Rig.address("::1")), l.external());
            l = get(mapper(v6).renew(l, r, scope));
            v6.twist = // as miniupnpd, once it renewed a pinhole
                    a -> {
                        byte[] last = v6.heard.get(v6.heard.size() - 1);
                        a[3] = (byte) (ByteBuffer.wrap(last).getInt(4) == 0 ? 2 : 0);
                        return List.of(a);
                    };
            int heard = v6.heard.size();
            get(mapper(v6).release(l, scope));
            assertEquals(1, ByteBuffer.wrap(v6.heard.get(heard + 1)).getInt(4), "shortened");
            v6.twist = List::of;
            get(mapper(v6).release(l, scope));
            assertEquals(0, v6.mappings().size());
        }
    }
}
