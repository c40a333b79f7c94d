// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import static dev.karst.lib.portmap.testing.Rig.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.core.world.CoreScope;
import dev.karst.lib.portmap.Tuning;
import dev.karst.lib.portmap.testing.FakePmp;
import dev.karst.lib.portmap.testing.FakeRouter;
import dev.karst.lib.portmap.testing.Rig;
import dev.karst.spi.portmap.PortGateway;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** News of a router that forgot. */
@Timeout(20)
class WatchTest {
    private final Rig rig = new Rig();
    private final CoreScope scope = rig.scope();
    private final FakePmp router = new FakePmp(0);
    private final int group = FakeRouter.freePort();
    private final AtomicInteger told = new AtomicInteger();

    private PortGateway watch(Duration poll) {
        NatPmpMapper mapper =
                new NatPmpMapper(new Tuning(router.port(), group, Duration.ZERO, poll));
        PortGateway g = get(mapper.probe(Rig.route(router.address()), scope)).get(0);
        int before = router.heard.size();
        mapper.watch(g, told::incrementAndGet, scope);
        await("its first question").until(() -> router.heard.size() > before);
        return g;
    }

    private boolean multicast() {
        return rig.counters.get("natpmp.no-multicast") == 0;
    }

    @AfterEach
    void stop() {
        scope.cancel();
        await().until(() -> rig.open() == 0);
        router.close();
        rig.close();
        assertEquals(0, rig.counters.get("scope.task-failed"), rig.counters.snapshot().toString());
    }

    @Test
    void hearsThatItBeganAnew() {
        router.age(10_000);
        watch(Duration.ofHours(1));
        await("joined or not").until(() -> rig.open() == (multicast() ? 1 : 0));
        assumeTrue(multicast(), "no multicast here");
        router.announce(group); // the same as before: no news
        router.reboot();
        router.announce(group);
        await("told").atMost(5, TimeUnit.SECONDS).until(() -> told.get() == 1);
        router.announce(group);
        assertEquals(1, told.get(), "once for each restart");
    }

    /** As of miniupnpd, which speaks both and announces by PCP alone. */
    @Test
    void hearsTheAnnouncementOfPcp() {
        router.age(10_000);
        watch(Duration.ofHours(1));
        await("joined or not").until(() -> rig.open() == (multicast() ? 1 : 0));
        assumeTrue(multicast(), "no multicast here");
        byte[] news = new byte[24];
        news[0] = 2;
        news[1] = (byte) 0x80;
        router.multicast(news, Rig.address("224.0.0.1"), group);
        await("told").atMost(5, TimeUnit.SECONDS).until(() -> told.get() == 1);
    }

    @Test
    void hearsOfAnotherAddress() {
        watch(Duration.ofHours(1));
        await("joined or not").until(() -> rig.open() == (multicast() ? 1 : 0));
        assumeTrue(multicast(), "no multicast here");
        router.external = Rig.address("45.45.0.8");
        router.announce(group);
        await("told").atMost(5, TimeUnit.SECONDS).until(() -> told.get() == 1);
    }

    @Test
    void doesNotListenToAnotherRouter() {
        router.age(10_000);
        watch(Duration.ofHours(1));
        await("joined or not").until(() -> rig.open() == (multicast() ? 1 : 0));
        assumeTrue(multicast(), "no multicast here");
        try (FakePmp other = new FakePmp(0)) {
            other.announce(group);
            await().until(() -> rig.counters.get("natpmp.wrong-source") > 0);
        }
        assertEquals(0, told.get());
    }

    /** Many routers announce nothing. */
    @Test
    void findsOutByAsking() {
        router.age(10_000);
        watch(Duration.ofMillis(100));
        await().until(() -> router.heard.size() > 4);
        assertEquals(0, told.get());
        router.silent = true; // while it starts
        int heard = router.heard.size();
        await().until(() -> router.heard.size() > heard + 2);
        router.reboot();
        router.silent = false;
        await("told").atMost(5, TimeUnit.SECONDS).until(() -> told.get() == 1);
        int now = router.heard.size();
        await().until(() -> router.heard.size() > now + 4);
        assertEquals(1, told.get());
    }
}
