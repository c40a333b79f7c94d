// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.PortInfo;
import dev.karst.core.Counters;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.RealWorld;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PortKeeperTest {
    private static final InetAddress HOME = FakeRouter.address("192.168.1.2");
    private static final Want WEB =
            new Want(
                    Protocol.TCP,
                    new InetSocketAddress(HOME, 4001),
                    new Gateway("eth0", HOME, Optional.of(FakeRouter.address("192.168.1.1"))));
    private final Counters counters = new Counters();
    private final RealWorld world = new RealWorld(counters);
    private final ProviderRegistry registry = new ProviderRegistry(world, counters, e -> {});
    private final FakeRouter router = new FakeRouter();
    private final List<PortInfo> events = new CopyOnWriteArrayList<>();
    private final Disk disk = new Disk();
    private NatProfile nat = NatProfile.unknown();
    private PortKeeper keeper = keeper();
    private long ids;

    /** What a crash leaves. */
    private static final class Disk implements LeaseStore {
        volatile String text = "";

        @Override
        public List<Held> load() {
            return LeaseText.read(text);
        }

        @Override
        public void save(List<Held> held) {
            text = LeaseText.write(held);
        }
    }

    private PortKeeper keeper() {
        registry.kind(PortMapper.class, Mappers.KIND);
        return new PortKeeper(
                world, registry, PortSettings.defaults(), disk, () -> nat, events::add);
    }

    @AfterEach
    void stop() {
        keeper.close();
        world.close();
    }

    private Map<String, Object> install(FakeRouter at, String name) {
        Map<String, Object> p = Map.of("service.id", ++ids, "karst.name", name);
        registry.bind(PortMapper.class, at.mapper(name), p);
        keeper.mappersChanged();
        return p;
    }

    private void uninstall(Map<String, Object> p) {
        registry.unbind(PortMapper.class, p);
        keeper.mappersChanged();
    }

    private void want(Want... w) {
        keeper.want(() -> Set.of(w));
    }

    private PortInfo port() {
        return keeper.shown().info().get(0);
    }

    private void awaitOpen() {
        await().until(() -> !keeper.shown().info().isEmpty() && port().open());
    }

    @Test
    void theFirstGoodAnswerWins() {
        FakeRouter dead = new FakeRouter();
        dead.silent = true;
        FakeRouter unwilling = new FakeRouter();
        unwilling.refuses = true;
        install(dead, "upnp");
        install(unwilling, "natpmp");
        install(router, "pcp");
        want(WEB);
        awaitOpen();
        assertEquals("pcp", port().by());
        assertEquals(new InetSocketAddress("203.0.113.9", 4001), port().external().get());
        assertEquals("unknown", port().reachable());
        await().until(() -> !events.isEmpty());
        assertTrue(events.get(0).open());
        assertEquals(
                List.of(new InetSocketAddress("203.0.113.9", 4001)),
                keeper.shown().mapped(Protocol.TCP));
    }

    @Test
    void whoComesDuringASearchTakesPartInIt() {
        FakeRouter dead = new FakeRouter();
        dead.silent = true; // for 4 s
        install(dead, "upnp");
        want(WEB);
        await().until(() -> dead.log.contains("probe upnp"));
        install(router, "pcp");
        await().atMost(2, TimeUnit.SECONDS).until(() -> port().open());
        assertEquals("pcp", port().by());
    }

    @Test
    void aNewInstanceHearsThatTheRouterForgot() {
        Map<String, Object> first = install(router, "pcp");
        want(WEB);
        awaitOpen();
        uninstall(first);
        install(router, "pcp");
        await().until(() -> router.watchers.size() == 2);
        router.table.clear();
        router.watchers.get(1).run();
        await().until(() -> router.table.size() == 1);
    }

    @Test
    void allRefusalsAreTold() {
        router.refuses = true;
        install(router, "pcp");
        want(WEB);
        await().until(() -> port().trouble().contains("pcp says no"));
        router.refuses = false;
        awaitOpen(); // tried again after 2 s
    }

    @Test
    void renewedAtHalfLifeByWhoeverSpeaksTheProtocol() {
        router.lifetime = Duration.ofSeconds(3);
        Map<String, Object> first = install(router, "pcp");
        want(WEB);
        awaitOpen();
        uninstall(first);
        assertTrue(port().open(), "a mapper that leaves closes nothing");
        assertFalse(router.log.toString().contains("release"));
        install(router, "pcp");
        await().until(() -> router.log.contains("renew pcp 1"));
        assertEquals(1, events.size(), "nothing changed for others");
    }

    @Test
    void movesToAnotherProtocolBeforeTheOldIsClosed() {
        Map<String, Object> first = install(router, "pcp");
        want(WEB);
        awaitOpen();
        install(router, "upnp");
        ProviderHandle<PortMapper> h = drain("pcp");
        await().until(() -> router.log.contains("release pcp 1"));
        assertEquals("upnp", port().by());
        assertTrue(router.log.indexOf("acquire upnp") < router.log.indexOf("release pcp 1"));
        assertEquals(List.of(), keeper.holds(h));
        uninstall(first);
        assertEquals("upnp", port().by());
    }

    private ProviderHandle<PortMapper> drain(String name) {
        ProviderHandle<PortMapper> h =
                registry.usable(PortMapper.class).stream()
                        .filter(x -> x.ref().name().equals(name))
                        .findFirst()
                        .get();
        assertEquals(1, keeper.holds(h).size());
        registry.draining(h.ref(), true);
        keeper.drained(h);
        return h;
    }

    @Test
    void aMoveAsksForAnotherPortBecauseTheRowOfTheFirstIsTaken() {
        install(router, "pcp");
        want(WEB);
        awaitOpen();
        install(router, "upnp");
        drain("pcp");
        await().until(() -> router.log.contains("release pcp 1"));
        assertEquals(4002, port().externalPort());
    }

    /** miniupnpd keeps one row for both protocols: releasing the old one would end the new one. */
    @Test
    void aRowThatTheNewLeaseSharesIsNotClosed() {
        router.stubborn = true;
        install(router, "pcp");
        want(WEB);
        awaitOpen();
        install(router, "upnp");
        drain("pcp");
        await().until(() -> port().by().equals("upnp"));
        assertEquals(4001, port().externalPort());
        keeper.close().join();
        assertTrue(router.log.contains("release upnp 2"), router.log.toString());
        assertFalse(router.log.contains("release pcp 1"), router.log.toString());
    }

    @Test
    void aFailedRenewalMovesToo() {
        router.lifetime = Duration.ofSeconds(3);
        FakeRouter other = new FakeRouter();
        install(router, "pcp");
        want(WEB);
        awaitOpen();
        install(other, "upnp");
        router.refuses = true;
        await().until(() -> port().by().equals("upnp"));
        assertTrue(other.table.containsKey(WEB.internal()));
    }

    @Test
    void aRouterThatForgotIsAskedAgainAtOnce() {
        install(router, "natpmp");
        want(WEB);
        awaitOpen();
        await().until(() -> !router.watchers.isEmpty());
        router.table.clear();
        router.watchers.forEach(Runnable::run);
        await().until(() -> router.table.containsKey(WEB.internal()));
    }

    @Test
    void aCrashedNodeTakesItsLeaseBackOrClosesIt() {
        Map<String, Object> m = install(router, "pcp");
        Want gone = new Want(Protocol.UDP, new InetSocketAddress(HOME, 5000), WEB.route());
        want(WEB, gone);
        await().until(() -> router.table.size() == 2);
        await().until(() -> disk.load().size() == 2);
        Set<String> nonces = Set.copyOf(router.table.values());
        registry.unbind(PortMapper.class, m); // as if the process had been killed
        PortKeeper killed = keeper;
        keeper = keeper();
        want(WEB);
        install(router, "pcp");
        awaitOpen();
        await().until(() -> router.table.size() == 1);
        assertTrue(nonces.contains(router.table.get(WEB.internal())), "with its old nonce");
        await().until(() -> disk.load().size() == 1);
        killed.close();
    }

    @Test
    void stoppingClosesAll() throws Exception {
        install(router, "upnp");
        want(WEB);
        awaitOpen();
        keeper.close().get(5, TimeUnit.SECONDS);
        assertTrue(router.table.isEmpty());
        await().until(() -> disk.load().isEmpty());
    }

    @Test
    void aMappingBehindAnotherNatIsNoReachability() {
        router.external = FakeRouter.address("100.64.3.4");
        install(router, "upnp");
        want(WEB);
        awaitOpen();
        assertTrue(port().reachable().startsWith("no: the router's own address 100.64.3.4"));
        assertEquals(List.of(), keeper.shown().mapped(Protocol.TCP));
        router.external = FakeRouter.address("203.0.113.9");
        await().until(() -> !router.watchers.isEmpty());
        router.watchers.forEach(Runnable::run);
        await().until(() -> port().reachable().equals("unknown"));
        nat = seenAt("198.51.100.7");
        assertTrue(port().reachable().startsWith("no: servers see us at 198.51.100.7"));
        nat = seenAt("203.0.113.9");
        assertEquals("yes", port().reachable());
    }

    private static NatProfile seenAt(String address) {
        return NatProfile.of(
                NatBehavior.builder().mapped(new InetSocketAddress(address, 1)).build());
    }
}
