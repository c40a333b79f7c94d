// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimScope;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.Hairpin;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatTimers;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.itests.sim.nat.Refresh;
import dev.karst.itests.sim.nattable.NatCase.Outcome;
import dev.karst.itests.sim.nattable.NatCase.Terms;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.MappingLifetime;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What the table does not show: few servers, silence, hairpins, lifetimes, IPv6, carriers. */
class DetectionTest {
    private static final Dependence EI = Dependence.ENDPOINT_INDEPENDENT;
    private static final Dependence AD = Dependence.ADDRESS_DEPENDENT;
    private static final Dependence APD = Dependence.ADDRESS_AND_PORT_DEPENDENT;
    private static final Duration TEN_MINUTES = Duration.ofMinutes(12);

    private static Terms honest(int servers, int full) {
        Manner[] m = new Manner[servers];
        java.util.Arrays.fill(m, Manner.HONEST);
        return Terms.of(0).withManners(m).withFull(full);
    }

    // ---- few servers

    @Test
    void oneServerOfTwoAddressesIsEnough() {
        for (Dependence mapping : List.of(EI, AD, APD)) {
            for (Dependence filtering : List.of(EI, AD, APD)) {
                NatPolicy p = NatPolicy.nat(mapping, filtering, Allocation.random());
                Outcome o = new NatCase(1, p, honest(1, 1)).play();
                assertEquals(Behavior.valueOf(mapping.name()), o.first().udp().mapping());
                assertEquals(Behavior.valueOf(filtering.name()), o.first().udp().filtering());
            }
        }
    }

    @Test
    void twoPlainServersTellTheMappingOnly() {
        NatBehavior b = new NatCase(1, NatPolicy.home(), honest(2, 0)).play().first();
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, b.udp().mapping());
        assertEquals(Behavior.UNKNOWN, b.udp().filtering());
        assertTrue(b.hints().contains(Hint.NO_FILTERING_TEST));
    }

    @Test
    void onePlainServerTellsTheAddressOnly() {
        NatBehavior b = new NatCase(1, NatPolicy.home(), honest(1, 0)).play().first();
        assertEquals(Behavior.UNKNOWN, b.udp().mapping());
        assertTrue(b.mapped().isPresent());
    }

    // ---- silence

    @Test
    void saysThatNobodyAnswers() {
        Terms terms = Terms.of(0).withManners(Manner.DEAD, Manner.DEAD);
        Outcome o = new NatCase(1, NatPolicy.home(), terms).play();
        KarstException e = assertInstanceOf(KarstException.class, o.failure());
        assertEquals(KarstException.Code.UNREACHABLE, e.code());
        assertTrue(o.nanos() < 4e9, o.nanos() / 1e9 + " s");
    }

    @Test
    void tellsBlockedUdpFromDeadServers() {
        NatBehavior b =
                new NatCase(1, NatPolicy.home().withUdpBlocked(), Terms.of(0)).play().last();
        assertEquals(Behavior.BLOCKED, b.udp().mapping());
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, b.tcp().mapping());
    }

    @Test
    void saysWhichSettingIsMissing() {
        NatCase world = new NatCase(1, NatPolicy.home(), Terms.of(0));
        Outcome o = world.play(new StunNatDetector(List.of()), Duration.ZERO);
        KarstException e = assertInstanceOf(KarstException.class, o.failure());
        assertTrue(e.getMessage().contains("servers"), e.getMessage());
    }

    @Test
    void aNameWithoutAddressDelaysNothing() {
        NatCase world = new NatCase(1, NatPolicy.home(), Terms.of(0));
        List<String> names = new ArrayList<>(List.of("nowhere.example"));
        world.servers().forEach(s -> names.add(s.name()));
        Outcome o = world.play(new StunNatDetector(names), Duration.ZERO);
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, o.first().udp().mapping());
        assertTrue(o.nanos() < 6 * o.rtt() + 300e6);
    }

    // ---- again on the same socket

    @Test
    void theSecondDetectionIsNotFooledByTheFirst() {
        for (int servers = 1; servers <= 3; servers++) {
            for (Dependence filtering : List.of(EI, AD, APD)) {
                NatPolicy p = NatPolicy.nat(EI, filtering, Allocation.preserve());
                NatCase world = new NatCase(servers, p, honest(servers, servers));
                NatDetector detector = world.detector();
                for (int i = 0; i < 3; i++) {
                    NatBehavior b = world.play(detector, Duration.ofSeconds(1)).first();
                    String what = servers + " servers, time " + i + ": " + b.evidence();
                    assertEquals(Behavior.valueOf(filtering.name()), b.udp().filtering(), what);
                    assertEquals(Behavior.ENDPOINT_INDEPENDENT, b.udp().mapping(), what);
                }
            }
        }
    }

    /** A filter that the first one opened stays open, however early it was called off. */
    @Test
    void theSecondDetectionIsNotFooledByOneThatWasCalledOff() {
        for (int ms = 0; ms <= 1_000; ms += 25) {
            NatPolicy p = NatPolicy.nat(EI, AD, Allocation.preserve());
            NatCase world = new NatCase(ms, p, honest(1, 1).withRtt(100));
            NatDetector detector = world.detector();
            SimScope scope = world.host().scope();
            detector.detect(world.shared().view(), b -> {}, scope);
            world.sim().run(Duration.ofMillis(ms));
            scope.cancel();
            NatBehavior b = world.play(detector, Duration.ofSeconds(1)).first();
            String what = "called off after " + ms + " ms: " + b.evidence();
            assertEquals(Behavior.ADDRESS_DEPENDENT, b.udp().filtering(), what);
        }
    }

    /** Two mappings may get the same port where there are few; one server alone must ask twice. */
    @Test
    void samePortsByChanceProveNothing() {
        int wrong = 0;
        for (int seed = 0; seed < 300; seed++) {
            NatPolicy p =
                    NatPolicy.nat(
                            APD,
                            APD,
                            Allocation.random()
                                    .withSharing(Allocation.Sharing.ANY)
                                    .withRange(40_000, 40_015));
            NatBehavior b = new NatCase(seed, p, honest(1, 1)).play().first();
            wrong += b.udp().mapping() == Behavior.ADDRESS_AND_PORT_DEPENDENT ? 0 : 1;
        }
        assertTrue(wrong <= 15, wrong + " of 300");
    }

    // ---- hairpin

    @Test
    void seesWhoComesBack() {
        for (Hairpin h : Hairpin.values()) {
            for (Dependence filtering : List.of(EI, AD, APD)) {
                NatPolicy p = NatPolicy.nat(EI, filtering, Allocation.preserve()).withHairpin(h);
                NatBehavior b = new NatCase(1, p, Terms.of(0)).play().first();
                assertEquals(h.name(), b.hairpin().name(), filtering + ": " + b.evidence());
            }
        }
    }

    // ---- lifetime

    private static MappingLifetime lifetime(Allocation a, int seconds, Refresh by, int full) {
        NatPolicy p =
                NatPolicy.nat(EI, APD, a)
                        .withTimers(
                                NatTimers.recommended().withUdp(Duration.ofSeconds(seconds), by));
        NatCase world = new NatCase(1, p, honest(3, full));
        NatBehavior last = world.play(world.detector(), TEN_MINUTES).last();
        return last.lifetime();
    }

    @Test
    void findsHowLongMappingsLive() {
        for (int seconds : new int[] {20, 30, 60, 120, 180}) {
            for (Refresh by : Refresh.values()) {
                MappingLifetime l = lifetime(Allocation.preserve(), seconds, by, 3);
                String what = seconds + " s " + by + ": " + l;
                assertTrue(l.atLeast().toSeconds() <= seconds, what);
                assertTrue(l.atLeast().toSeconds() >= seconds / 2, what);
                assertTrue(l.atMost().orElseThrow().toSeconds() >= seconds, what);
                assertTrue(l.atMost().orElseThrow().toSeconds() <= 2 * seconds, what);
                MappingLifetime.Refresh wanted =
                        by == Refresh.ABSOLUTE
                                ? MappingLifetime.Refresh.ABSOLUTE
                                : MappingLifetime.Refresh.SLIDING;
                assertEquals(wanted, l.refresh(), what);
            }
        }
    }

    @Test
    void findsLongLives() {
        MappingLifetime l = lifetime(Allocation.preserve(), 3600, Refresh.SLIDING, 3);
        assertEquals(Duration.ofSeconds(300), l.atLeast());
        assertEquals(Optional.empty(), l.atMost());
    }

    @Test
    void asksTheSocketItselfWherePortsChange() {
        MappingLifetime l = lifetime(Allocation.random(), 60, Refresh.SLIDING, 0);
        assertTrue(l.atLeast().toSeconds() >= 30 && l.atMost().isPresent(), l.toString());
    }

    // ---- others on the same NAT

    @Test
    void countsTheMappingsOfOthers() {
        for (double busy : new double[] {0, 5, 20}) {
            for (Dependence mapping : List.of(EI, APD)) {
                NatPolicy p =
                        NatPolicy.nat(
                                        mapping,
                                        APD,
                                        Allocation.independent(2).withRange(1024, 65535))
                                .withBackground(busy);
                NatCase world = new NatCase(3, p, Terms.of(0));
                NatBehavior b = world.play(world.detector(), Duration.ofSeconds(30)).last();
                double seen = b.udp().allocation().arrivals();
                assertTrue(Math.abs(seen - busy) <= 0.6 * busy, busy + ": " + b.evidence());
            }
        }
    }

    // ---- the end

    @Test
    void stopsWithItsScope() {
        NatCase world = new NatCase(1, NatPolicy.home(), Terms.of(0));
        for (int ms : new int[] {0, 1, 50, 200, 1000, 20_000}) {
            SimScope scope = world.host().scope();
            List<NatBehavior> later = new ArrayList<>();
            CompletableFuture<NatBehavior> f =
                    world.detector()
                            .detect(world.shared().view(), later::add, scope)
                            .toCompletableFuture();
            world.sim().run(Duration.ofMillis(ms));
            scope.cancel();
            int told = later.size();
            assertTrue(f.isDone(), "after " + ms);
            world.sim().run(Duration.ofMinutes(6));
            assertEquals(0, scope.openSockets(), "after " + ms);
            assertEquals(told, later.size());
        }
    }

    @Test
    void closesAllThatItOpened() {
        NatCase world = new NatCase(1, NatPolicy.home(), Terms.of(0));
        SimScope scope = world.host().scope();
        CompletableFuture<NatBehavior> f =
                world.detector()
                        .detect(world.shared().view(), b -> {}, scope)
                        .toCompletableFuture();
        world.sim().await(f, Duration.ofSeconds(10));
        world.sim().run(TEN_MINUTES);
        assertEquals(0, scope.openSockets());
    }

    // ---- IPv6 and carriers

    @Test
    void ipv6IsFilteredButNotTranslated() {
        for (Dependence filtering : List.of(Dependence.NONE, AD, APD)) {
            NatWorld world = new NatWorld(1);
            SimHost host = world.plan("node").ipv6(NatPolicy.firewall(filtering)).build().host();
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= 2; i++) {
                SimHost server =
                        world.server(
                                "stun" + i, "2001:db8:5::" + i + "1", "2001:db8:5::" + i + "2");
                InetSocketAddress nobody = new InetSocketAddress(server.addresses().get(0), 9);
                names.add(new StunHost(server, Manner.HONEST, nobody).name());
            }
            NatBehavior b = detect(world.world(), host, 1, names);
            assertEquals(Behavior.NONE, b.udp().mapping());
            assertEquals(
                    filtering == Dependence.NONE
                            ? Behavior.ENDPOINT_INDEPENDENT
                            : Behavior.valueOf(filtering.name()),
                    b.udp().filtering());
            assertEquals(Behavior.NONE, b.tcp().mapping());
        }
    }

    @Test
    void seesACarrierByTheAddressInBetween() {
        NatWorld world = new NatWorld(1);
        var carrier = world.carrier("carrier", NatPolicy.carrier());
        SimHost host = world.plan("node").behind(carrier).policy(NatPolicy.home()).build().host();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            SimHost server =
                    world.server("stun" + i, "198.51.100." + i + "1", "198.51.100." + i + "2");
            InetSocketAddress nobody = new InetSocketAddress(server.addresses().get(0), 9);
            names.add(new StunHost(server, Manner.HONEST, nobody).name());
        }
        NatBehavior b = detect(world.world(), host, 0, names);
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, b.udp().mapping());
        assertFalse(b.hints().contains(Hint.DOUBLE_NAT), "not to be seen from here");
    }

    private static NatBehavior detect(SimWorld sim, SimHost host, int address, List<String> names) {
        CompletableFuture<UdpSocket> bound =
                host.network()
                        .bindUdp(new InetSocketAddress(host.addresses().get(address), 40_000))
                        .toCompletableFuture();
        UdpSocket socket = sim.await(bound, Duration.ofSeconds(1));
        NatBehavior[] last = {null};
        CompletableFuture<NatBehavior> f =
                new StunNatDetector(names)
                        .detect(new SharedView(socket).view(), b -> last[0] = b, host.scope())
                        .toCompletableFuture();
        try {
            NatBehavior first = sim.await(f, Duration.ofSeconds(10));
            sim.run(Duration.ofSeconds(5));
            return last[0] == null ? first : last[0];
        } catch (CompletionException e) {
            assertNull(e.getCause());
            throw e;
        }
    }
}
