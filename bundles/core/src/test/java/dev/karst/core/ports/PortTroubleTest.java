// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.PortInfo;
import dev.karst.core.Counters;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.HandWorld;
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
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Routers and mappers that refuse, are late, or talk nonsense; time is moved by hand. */
@Timeout(20)
class PortTroubleTest {
    private static final InetAddress HOME = FakeRouter.address("192.168.1.2");
    private static final Want WEB = web("192.168.1.1");
    private final HandWorld world = new HandWorld();
    private final Counters counters = new Counters();
    private final ProviderRegistry registry = new ProviderRegistry(world, counters, e -> {});
    private final FakeRouter router = new FakeRouter();
    private String disk = "";
    private PortKeeper keeper;
    private long ids;

    private static Want web(String gateway) {
        return new Want(
                Protocol.TCP,
                new InetSocketAddress(HOME, 4001),
                new Gateway("eth0", HOME, Optional.of(FakeRouter.address(gateway))));
    }

    @BeforeEach
    void start() {
        registry.kind(PortMapper.class, Mappers.KIND);
        keeper = keeper();
    }

    private PortKeeper keeper() {
        LeaseStore store =
                new LeaseStore() {
                    @Override
                    public List<Held> load() {
                        return LeaseText.read(disk);
                    }

                    @Override
                    public void save(List<Held> held) {
                        disk = LeaseText.write(held);
                    }
                };
        return new PortKeeper(
                world, registry, PortSettings.defaults(), store, NatProfile::unknown, e -> {});
    }

    private Map<String, Object> install(FakeRouter at, String name) {
        Map<String, Object> p = Map.of("service.id", ++ids, "karst.name", name);
        registry.bind(PortMapper.class, at.mapper(name), p);
        keeper.mappersChanged();
        world.run();
        return p;
    }

    private ProviderHandle<PortMapper> drain(String name) {
        ProviderHandle<PortMapper> h =
                registry.usable(PortMapper.class).stream()
                        .filter(x -> x.ref().name().equals(name))
                        .findFirst()
                        .get();
        registry.draining(h.ref(), true);
        return h;
    }

    private void want(Want... w) {
        keeper.want(() -> Set.of(w));
        world.run();
    }

    private void open() {
        install(router, "pcp");
        want(WEB);
        assertTrue(port().open());
        router.log.clear();
    }

    private PortInfo port() {
        return keeper.shown().info().get(0);
    }

    private int saved() {
        return LeaseText.read(disk).size();
    }

    private long count(String entry) {
        return router.log.stream().filter(entry::equals).count();
    }

    // --- releases that fail

    @Test
    void aReleaseThatFailsIsTriedAgainAndStaysInTheLedger() {
        open();
        router.refusesRelease = true;
        want();
        world.pass(16);
        assertEquals(1, count("release pcp 1"));
        assertEquals(1, saved(), "still on the router");
        router.refusesRelease = false;
        world.pass(11);
        assertEquals(2, count("release pcp 1"));
        assertTrue(router.table.isEmpty());
        assertEquals(0, saved());
    }

    @Test
    void releasesAreTriedUntilTheLeaseHasEnded() {
        open();
        router.refusesRelease = true;
        want();
        world.pass(Duration.ofMinutes(59));
        assertEquals(1, saved());
        world.pass(Duration.ofHours(1));
        assertEquals(0, saved());
        long tries = count("release pcp 1");
        assertTrue(tries > 3 && tries < 10, "tries: " + tries);
        world.pass(Duration.ofHours(2));
        assertEquals(tries, count("release pcp 1"));
    }

    @Test
    void aLeaseWithoutEndIsTriedForAWeek() {
        router.lifetime = Duration.ZERO;
        open();
        router.refusesRelease = true;
        want();
        world.pass(Duration.ofDays(6));
        assertEquals(1, saved());
        world.pass(Duration.ofDays(2));
        assertEquals(0, saved());
    }

    @Test
    void aLeaseOfAnEarlierRunIsKeptUntilItsRouterConfirms() {
        open();
        router.refusesRelease = true;
        keeper = keeper(); // the first one crashed
        want();
        keeper.mappersChanged();
        world.pass(4);
        assertEquals(1, count("release pcp 1"));
        assertEquals(1, saved());
        router.refusesRelease = false;
        world.pass(11);
        assertEquals(0, saved());
    }

    @Test
    void whatCannotBeClosedWhenTheNodeStopsIsLeftToTheNextRun() {
        open();
        router.refusesRelease = true;
        CompletableFuture<Void> done = keeper.close();
        world.run();
        assertTrue(done.isDone());
        assertEquals(1, saved());
    }

    @Test
    void aReleaseThatTheNodesEndCutsShortStaysInTheLedger() {
        open();
        router.releaseGate = new CompletableFuture<>();
        CompletableFuture<Void> done = keeper.close();
        world.run();
        assertFalse(done.isDone());
        registry.clear();
        world.run();
        assertTrue(done.isDone());
        assertEquals(1, saved());
    }

    @Test
    void stoppingWaitsForCallsThatRun() {
        install(router, "pcp");
        router.acquireGate = new CompletableFuture<>();
        want(WEB);
        CompletableFuture<Void> done = keeper.close();
        world.pass(1);
        assertFalse(done.isDone(), "a router is still asked");
        router.acquireGate.complete(null);
        world.run();
        assertTrue(done.isDone());
        assertEquals(1, count("release pcp 1"));
        assertTrue(router.table.isEmpty());
    }

    @Test
    void stoppingDoesNotWaitForEver() {
        install(router, "pcp");
        router.acquireGate = new CompletableFuture<>();
        want(WEB);
        CompletableFuture<Void> done = keeper.close();
        world.pass(3);
        assertTrue(done.isDone());
    }

    @Test
    void whatIsGrantedTooLateIsSavedBeforeItIsReleased() {
        install(router, "pcp");
        router.acquireGate = new CompletableFuture<>();
        router.refusesRelease = true;
        want(WEB);
        keeper.close();
        world.run();
        router.acquireGate.complete(null);
        world.run();
        assertEquals(1, count("release pcp 1"));
        assertEquals(1, saved());
    }

    @Test
    void aNewLeaseOfTheSamePortIsNotClosedByTheOldRelease() {
        open();
        router.refusesRelease = true;
        want(web("192.168.1.254")); // the same socket by another router: acquired anew
        world.run();
        assertTrue(port().open());
        router.refusesRelease = false;
        router.log.clear();
        world.pass(600);
        assertEquals(0, count("release pcp 1"));
        assertEquals(1, saved());
    }

    // --- nonsense

    @Test
    void noLeaseIsARefusal() {
        router.nullLease = true;
        install(router, "pcp");
        want(WEB);
        assertTrue(port().trouble().contains("pcp gave no lease"), port().trouble());
        router.nullLease = false;
        world.pass(3);
        assertTrue(port().open());
        router.nullLease = true;
        world.pass(Duration.ofMinutes(31));
        assertTrue(port().trouble().contains("pcp gave no lease"), port().trouble());
        router.nullLease = false;
        world.pass(Duration.ofMinutes(5));
        assertEquals("", port().trouble());
    }

    @Test
    void anAbsurdLifetimeIsNotBelieved() {
        router.lifetime = Duration.ofSeconds(Long.MAX_VALUE);
        install(router, "pcp");
        want(WEB);
        assertTrue(port().open());
        assertEquals(world.clock().instant().plus(Duration.ofDays(30)), port().until().get());
        router.lifetime = Duration.ofSeconds(-5);
        world.pass(Duration.ofDays(16));
        assertTrue(port().trouble().contains("no lease"), port().trouble());
    }

    @Test
    void noRouterInAProbeIsARefusal() {
        router.answersNull = true;
        install(router, "pcp");
        want(WEB);
        assertTrue(port().trouble().startsWith("pcp: "), port().trouble());
        router.answersNull = false;
        world.pass(3);
        assertTrue(port().open());
    }

    @Test
    void aMapperThatThrowsIsARefusal() {
        router.throwsAtAll = true;
        install(router, "pcp");
        want(WEB);
        assertTrue(port().trouble().contains("a bug"), port().trouble());
        router.throwsAtAll = false;
        world.pass(3);
        assertTrue(port().open());
    }

    // --- wants that blink

    @Test
    void aPortThatIsUnwantedForAMomentStaysOpen() {
        open();
        want();
        assertEquals(List.of(), keeper.shown().mapped(Protocol.TCP), "nobody listens there");
        world.pass(10);
        want(WEB);
        world.pass(60);
        assertEquals(1, keeper.shown().mapped(Protocol.TCP).size());
        assertEquals(List.of(), router.log, "nothing was asked of the router");
        want();
        world.pass(14);
        assertEquals(List.of(), router.log);
        world.pass(2);
        assertEquals(List.of("release pcp 1"), router.log);
        assertEquals(List.of(), keeper.shown().info());
    }

    @Test
    void nothingIsAcquiredWhileItsReleaseRuns() {
        open();
        router.releaseGate = new CompletableFuture<>();
        want();
        world.pass(16);
        assertEquals(List.of("release pcp 1"), router.log);
        want(WEB);
        world.run();
        assertEquals(List.of("release pcp 1"), router.log, "waits for the release");
        router.releaseGate.complete(null);
        world.run();
        assertTrue(port().open());
        assertEquals("pcp2", router.table.get(WEB.internal()));
    }

    @Test
    void theSameSocketByAnotherRouterWaitsForTheOldRelease() {
        open();
        router.releaseGate = new CompletableFuture<>();
        want(web("192.168.1.254"));
        assertEquals(List.of("release pcp 1"), router.log);
        router.releaseGate.complete(null);
        world.run();
        assertTrue(port().open());
        assertEquals("pcp2", router.table.get(WEB.internal()));
    }

    // --- routers that forget

    @Test
    void restartsAreHeardAfterAdoptionAndAfterTheNetworkChanged() {
        open();
        keeper = keeper(); // the first one crashed, its watches with it
        router.watchers.clear();
        want(WEB);
        assertTrue(port().open());
        assertEquals(1, router.watchers.size());
        router.watchers.clear();
        keeper.networkChanged();
        world.run();
        assertEquals(1, router.watchers.size());
    }

    @Test
    void forgettingDuringARenewalIsNotLost() {
        open();
        router.renewGate = new CompletableFuture<>();
        router.watchers.forEach(Runnable::run);
        world.run();
        assertEquals(1, count("renew pcp 1"));
        router.watchers.forEach(Runnable::run); // by another family, or a second restart
        world.run();
        router.renewGate.complete(null);
        world.pass(1);
        assertEquals(2, count("renew pcp 1"));
        world.pass(600);
        assertEquals(2, count("renew pcp 1"));
    }

    // --- mappers that are drained, routers that fail

    @Test
    void aMapperThatIsDrainedRenewsWhileNobodyElseCan() {
        open();
        ProviderHandle<PortMapper> h = drain("pcp");
        for (int i = 0; i < 100; i++) {
            keeper.drained(h);
            world.pass(1);
        }
        world.pass(Duration.ofMinutes(30));
        assertEquals(1, count("renew pcp 1"));
        assertEquals("", port().trouble());
    }

    @Test
    void aMoveThatFailsPutsNoRenewalOff() {
        router.lifetime = Duration.ofSeconds(120);
        open();
        FakeRouter unwilling = new FakeRouter();
        unwilling.refuses = true;
        install(unwilling, "upnp");
        ProviderHandle<PortMapper> h = drain("pcp");
        for (int i = 0; i < 62; i++) {
            keeper.drained(h);
            world.pass(1);
        }
        assertEquals(1, count("renew pcp 1"));
    }

    @Test
    void aMapperThatComesEndsTheWaiting() {
        open();
        router.refusesRenewal = true;
        world.pass(Duration.ofMinutes(34)); // the next try is minutes away
        router.refusesRenewal = false;
        router.log.clear();
        install(router, "pcp");
        assertEquals(1, count("renew pcp 1"));
    }

    @Test
    void afterALossAnotherIsAcquiredSoon() {
        open();
        router.refuses = true;
        Duration lost = Duration.ZERO;
        while (port().open()) {
            world.pass(1);
            lost = lost.plusSeconds(1);
        }
        assertTrue(lost.toMinutes() <= 60, "told in time: " + lost);
        router.refuses = false;
        world.pass(3);
        assertTrue(port().open());
    }

    @Test
    void aLeaseWithoutEndThatCannotBeRenewedIsGivenUp() {
        router.lifetime = Duration.ZERO;
        open();
        router.refusesRenewal = true;
        world.pass(Duration.ofMinutes(22));
        assertEquals(3, count("renew pcp 1"));
        assertEquals(1, count("release pcp 1"));
        assertTrue(port().open());
        assertEquals("pcp2", router.table.get(WEB.internal()), "acquired anew");
        assertEquals(1, saved());
    }

    @Test
    void aLeaseWithoutEndIsAdvertisedNoLongerWhenItsRouterIsSilent() {
        router.lifetime = Duration.ZERO;
        open();
        router.silent = true;
        router.refusesRelease = true;
        world.pass(Duration.ofMinutes(22));
        assertEquals(List.of(), keeper.shown().mapped(Protocol.TCP));
        assertEquals(1, saved(), "to be closed once it answers");
    }
}
