// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import static dev.karst.lib.portmap.testing.Rig.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.core.world.CoreScope;
import dev.karst.lib.portmap.Tuning;
import dev.karst.lib.portmap.testing.FakePcp;
import dev.karst.lib.portmap.testing.FakeRouter;
import dev.karst.lib.portmap.testing.Rig;
import dev.karst.spi.portmap.PortGateway;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** News of a router that forgot. */
@Timeout(20)
class WatchTest {
    private final Rig rig = new Rig();
    private final CoreScope scope = rig.scope();
    private final int group = FakeRouter.freePort();
    private final AtomicInteger told = new AtomicInteger();
    private FakePcp router;

    private void watch(FakePcp at, Duration poll) {
        router = at;
        PcpMapper mapper =
                new PcpMapper(
                        new Tuning(router.port(), group, Duration.ZERO, poll), Anycast.STANDARD);
        PortGateway g = get(mapper.probe(Rig.route(router.address()), scope)).get(0);
        router.age(10_000);
        int before = router.heard.size();
        mapper.watch(g, told::incrementAndGet, scope);
        await("its first question").until(() -> router.heard.size() > before);
    }

    private boolean multicast() {
        return rig.counters.get("pcp.no-multicast") == 0;
    }

    @AfterEach
    void stop() {
        scope.cancel();
        await().until(() -> rig.open() == 0);
        router.close();
        rig.close();
        assertEquals(0, rig.counters.get("scope.task-failed"), rig.counters.snapshot().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.77.0.9", "::1"})
    void hearsThatItBeganAnew(String at) {
        watch(new FakePcp(Rig.address(at), 0), Duration.ofHours(1));
        await("joined or not").until(() -> rig.open() == (multicast() ? 1 : 0));
        assumeTrue(multicast(), "no multicast here");
        router.announce(group); // the same as before: no news
        router.tell(new byte[] {0, (byte) 128, 0, 0}, group); // NAT-PMP's
        router.tell(new byte[30], group);
        router.reboot();
        router.announce(group);
        await("told").atMost(5, TimeUnit.SECONDS).until(() -> told.get() == 1);
        router.announce(group);
        assertEquals(1, told.get(), "once for each restart");
    }

    /** Many routers announce nothing. */
    @Test
    void findsOutByAsking() {
        watch(new FakePcp(0), Duration.ofMillis(100));
        await().until(() -> router.heard.size() > 4);
        assertEquals(0, told.get());
        router.reboot();
        await("told").atMost(5, TimeUnit.SECONDS).until(() -> told.get() == 1);
        int now = router.heard.size();
        await().until(() -> router.heard.size() > now + 4);
        assertEquals(1, told.get());
    }
}
