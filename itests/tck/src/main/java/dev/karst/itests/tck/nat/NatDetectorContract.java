// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.nat;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link NatDetector} must do, on loopback, where nothing is translated or filtered, and
 * with STUN servers (RFC 5780) of this test.
 */
@Timeout(60)
public abstract class NatDetectorContract {
    private static final Duration QUIET = Duration.ofMillis(700);

    protected final LocalWorld world = LocalWorld.netty();
    private final CoreScope ownScope = world.scope();
    private final CoreScope real = world.scope();
    private final WatchedScope scope = new WatchedScope(real);
    private final List<NatBehavior> later = new CopyOnWriteArrayList<>();
    private final List<LoopbackStun> servers = new ArrayList<>();
    private SharedRecorder shared;

    /** One that asks these servers. */
    protected abstract NatDetector newDetector(List<InetSocketAddress> servers);

    @AfterEach
    void close() {
        servers.forEach(LoopbackStun::close);
        world.close();
    }

    private List<InetSocketAddress> servers(int n, boolean mute) {
        for (int i = 0; i < n; i++) {
            servers.add(new LoopbackStun(ownScope.network(), 11 + 10 * i, mute));
        }
        return servers.stream().map(LoopbackStun::address).toList();
    }

    private int requests() {
        return servers.stream().mapToInt(LoopbackStun::requests).sum();
    }

    private CompletableFuture<NatBehavior> detect(List<InetSocketAddress> at) {
        UdpSocket s = get(ownScope.network().bindUdp(new InetSocketAddress("127.0.0.1", 0)));
        shared = new SharedRecorder(s);
        return newDetector(at).detect(shared, later::add, scope).toCompletableFuture();
    }

    private NatBehavior found() {
        return get(detect(servers(2, false)));
    }

    @Test
    void anOpenNetworkIsOpen() {
        NatBehavior b = found();
        assertEquals(Behavior.NONE, b.udp().mapping(), b.evidence().toString());
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, b.udp().filtering());
        assertEquals(Optional.of(shared.local()), b.local());
        assertEquals(Optional.of(shared.local()), b.mapped());
        assertFalse(b.evidence().isEmpty(), "evidence");
    }

    @Test
    void onlyStunLeavesByTheSharedSocket() {
        found();
        assertEquals(List.of(), shared.wrong());
    }

    @Test
    void nobodyAnswersAndYetAnEndComes() throws Exception {
        CompletableFuture<NatBehavior> f = detect(servers(2, true));
        try {
            NatBehavior b = f.get(10, TimeUnit.SECONDS);
            assertEquals(Behavior.BLOCKED, b.udp().mapping());
        } catch (ExecutionException e) {
            KarstException k = assertInstanceOf(KarstException.class, e.getCause());
            assertFalse(k.getMessage().isBlank(), "the reason in words");
        }
        assertEquals(List.of(), shared.wrong());
    }

    @Test
    void aDeadServerIsNotWaitedFor() {
        List<InetSocketAddress> at = new ArrayList<>(servers(2, false));
        LoopbackStun mute = new LoopbackStun(ownScope.network(), 91, true);
        servers.add(mute);
        at.add(1, mute.address());
        NatBehavior b = get(detect(at));
        assertEquals(Behavior.NONE, b.udp().mapping());
        assertEquals(Behavior.ENDPOINT_INDEPENDENT, b.udp().filtering());
    }

    @Test
    void stopsWithItsScope() {
        CompletableFuture<NatBehavior> f = detect(servers(2, true));
        await().until(() -> requests() > 0);
        real.cancel();
        await().until(f::isDone);
        assertTrue(f.isCompletedExceptionally());
        int before = requests();
        await().pollDelay(QUIET).until(() -> true);
        assertTrue(requests() <= before + 2, "requests that were on their way at most");
        assertEquals(List.of(), later);
        assertEquals(List.of(), shared.wrong());
    }

    @Test
    void tellsNothingAfterItsScope() {
        found();
        real.cancel();
        int told = later.size();
        await().pollDelay(QUIET).until(() -> true);
        assertEquals(told, later.size());
    }

    @Test
    void closesAllThatItOpened() {
        found();
        real.cancel();
        await().until(() -> scope.open() == 0);
    }

    @Test
    void leavesNoThread() {
        found(); // the core has made its own by now
        Set<Thread> before = threads();
        get(detect(servers.stream().map(LoopbackStun::address).toList()));
        real.cancel();
        await().untilAsserted(
                        () -> {
                            Set<Thread> after = threads();
                            after.removeAll(before);
                            after.removeIf(NatDetectorContract::others);
                            assertEquals(Set.of(), after);
                        });
    }

    /** The core's own threads, and those of this test. */
    private static boolean others(Thread t) {
        return t.getName().startsWith("karst") || t.getName().startsWith("awaitility");
    }

    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }
}
