// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.portmap;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.Subscription;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.itests.tck.portmap.FakeGateway.Manner;
import dev.karst.itests.tck.portmap.FakeGateway.Mapping;
import dev.karst.spi.Scope;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link PortMapper} must do; the subclass gives it and a gateway to speak to. */
@Timeout(30)
public abstract class PortMapperContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int PORT = 41_000;

    protected final LocalWorld world = LocalWorld.netty();
    protected final CoreScope scope = world.scope();
    private final List<CoreScope> scopes = new ArrayList<>();
    private FakeGateway router;

    /** A new one each time, which knows nothing of what the former did. */
    protected abstract PortMapper newMapper();

    /** A gateway of the mapper's protocol on this machine; closed after the test. */
    protected abstract FakeGateway startGateway() throws Exception;

    /** When a probe has given up at the latest, where nobody answers. */
    protected Duration probeLimit() {
        return Duration.ofSeconds(4);
    }

    @BeforeEach
    void start() throws Exception {
        router = startGateway();
    }

    @AfterEach
    void stop() {
        scopes.forEach(CoreScope::cancel);
        scope.cancel();
        router.close();
        await("all sockets are closed").until(() -> world.core().open() == 0);
        assertEquals(0, world.count("net.handler-failed"), world.counts());
        assertEquals(0, world.count("scope.task-failed"), world.counts());
        world.close();
    }

    private CoreScope scope(Duration limit) {
        CoreScope s = world.scope(limit);
        scopes.add(s);
        return s;
    }

    private PortRequest request(Protocol protocol, int port) {
        return new PortRequest(protocol, router.internal(port), port, HOUR);
    }

    private PortGateway found(Scope s) {
        return get(newMapper().probe(router.route(), s)).get(0);
    }

    /** As the core's ledger gives it back: data, nothing else. */
    private static PortLease stored(PortLease l) {
        Map<String, String> state =
                l.state().entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        e -> new String(e.getKey()),
                                        e -> new String(e.getValue())));
        return new PortLease(
                l.protocol(), l.internal(), l.externalPort(), l.external(), l.lifetime(), state);
    }

    private static KarstException failure(CompletionStage<?> stage, Duration limit) {
        var e =
                assertThrows(
                        ExecutionException.class,
                        () ->
                                stage.toCompletableFuture()
                                        .get(limit.toMillis(), TimeUnit.MILLISECONDS));
        KarstException k = assertInstanceOf(KarstException.class, e.getCause());
        assertFalse(k.getMessage().isBlank(), "the reason in words");
        assertFalse(k.getMessage().contains("\n"), "in one line: " + k.getMessage());
        return k;
    }

    private static void small(Map<String, String> state) {
        int size = 0;
        for (Map.Entry<String, String> e : state.entrySet()) {
            assertFalse((e.getKey() + e.getValue()).matches("(?s).*[\r\n].*"), state.toString());
            size += e.getKey().length() + e.getValue().length();
        }
        assertTrue(size <= 1000, size + " characters of state: " + state);
    }

    @Test
    void findsTheGateway() {
        List<PortGateway> all = get(newMapper().probe(router.route(), scope));
        assertFalse(all.isEmpty());
        for (PortGateway g : all) {
            assertFalse(g.name().isBlank());
            assertTrue(g.name().length() <= 100, g.name());
            small(g.state());
        }
    }

    @Test
    void gatewaysThatAnswerDoNotMakeItWait() {
        long began = System.nanoTime();
        found(scope);
        long took = System.nanoTime() - began;
        assertTrue(took < Duration.ofSeconds(2).toNanos(), "probe took ns " + took);
    }

    @Test
    void givesUpProbingWhereNobodyAnswers() {
        router.manner(Manner.SILENT);
        failure(newMapper().probe(router.route(), scope), probeLimit());
    }

    @Test
    void acquiresRenewsAndReleases() {
        for (Protocol p : Protocol.values()) {
            PortRequest wanted = request(p, PORT);
            PortLease lease = get(newMapper().acquire(wanted, found(scope), scope));
            Mapping mapping = new Mapping(p, wanted.internal(), PORT);
            assertEquals(List.of(mapping), router.mappings());
            assertEquals(PORT, lease.externalPort());
            assertEquals(p, lease.protocol());
            assertEquals(wanted.internal(), lease.internal());
            assertFalse(lease.lifetime().isNegative());
            assertTrue(lease.lifetime().compareTo(HOUR) <= 0, lease.toString());
            small(lease.state());
            PortLease again = get(newMapper().renew(stored(lease), wanted, scope));
            assertEquals(PORT, again.externalPort());
            assertEquals(wanted.internal(), again.internal());
            assertEquals(List.of(mapping), router.mappings());
            small(again.state());
            get(newMapper().release(stored(again), scope));
            assertEquals(List.of(), router.mappings());
        }
    }

    @Test
    void oneReleaseTakesOneMapping() {
        PortGateway g = found(scope);
        PortMapper mapper = newMapper();
        List<CompletableFuture<PortLease>> all = new ArrayList<>();
        for (Protocol p : Protocol.values()) {
            for (int i = 0; i < 4; i++) {
                all.add(mapper.acquire(request(p, PORT + i), g, scope).toCompletableFuture());
            }
        }
        List<PortLease> leases = all.stream().map(LocalWorld::get).toList();
        assertEquals(leases.size(), Set.copyOf(router.mappings()).size());
        get(mapper.release(leases.get(1), scope));
        assertFalse(
                router.mappings()
                        .contains(
                                new Mapping(
                                        leases.get(1).protocol(),
                                        leases.get(1).internal(),
                                        leases.get(1).externalPort())));
        assertEquals(leases.size() - 1, router.mappings().size());
    }

    @Test
    void tellsThePortThatItGot() {
        PortRequest wanted = request(Protocol.UDP, FakeGateway.TAKEN + 1);
        PortLease lease = get(newMapper().acquire(wanted, found(scope), scope));
        assertNotEquals(wanted.suggestedPort(), lease.externalPort());
        assertEquals(
                List.of(new Mapping(Protocol.UDP, wanted.internal(), lease.externalPort())),
                router.mappings());
        PortLease again = get(newMapper().renew(stored(lease), wanted, scope));
        assertEquals(lease.externalPort(), again.externalPort(), "keeps the port it has");
        get(newMapper().release(stored(again), scope));
        assertEquals(List.of(), router.mappings());
    }

    @Test
    void renewsWhatTheGatewayForgot() {
        PortRequest wanted = request(Protocol.UDP, PORT);
        PortLease lease = get(newMapper().acquire(wanted, found(scope), scope));
        router.forget();
        PortLease again = get(newMapper().renew(stored(lease), wanted, scope));
        assertEquals(PORT, again.externalPort());
        assertEquals(
                List.of(new Mapping(Protocol.UDP, wanted.internal(), PORT)), router.mappings());
    }

    @Test
    void releasesWhatTheGatewayDoesNotKnow() {
        PortLease lease =
                get(newMapper().acquire(request(Protocol.TCP, PORT), found(scope), scope));
        router.forget();
        get(newMapper().release(stored(lease), scope));
        get(newMapper().release(stored(lease), scope));
        assertEquals(List.of(), router.mappings());
    }

    @Test
    void saysThatTheGatewayRefuses() {
        PortGateway g = found(scope);
        PortRequest wanted = request(Protocol.UDP, PORT);
        PortLease lease = get(newMapper().acquire(wanted, g, scope));
        router.manner(Manner.REFUSES);
        Duration soon = Duration.ofSeconds(2);
        PortRequest other = request(Protocol.UDP, PORT + 1);
        KarstException e = failure(newMapper().acquire(other, g, scope), soon);
        assertNotEquals(KarstException.Code.TIMEOUT, e.code(), e.getMessage());
        failure(newMapper().renew(stored(lease), wanted, scope), soon);
        assertEquals(1, router.mappings().size());
    }

    @Test
    void endsWithItsDeadline() {
        PortGateway g = found(scope);
        PortRequest wanted = request(Protocol.UDP, PORT);
        PortLease lease = get(newMapper().acquire(wanted, g, scope));
        router.manner(Manner.SILENT);
        Duration limit = Duration.ofMillis(600);
        Duration late = limit.plusMillis(700);
        failure(newMapper().probe(router.route(), scope(limit)), late);
        failure(newMapper().acquire(wanted, g, scope(limit)), late);
        failure(newMapper().renew(lease, wanted, scope(limit)), late);
        failure(newMapper().release(lease, scope(limit)), late);
        await("its sockets are closed").until(() -> world.core().open() == 0);
    }

    @Test
    void aCancelledScopeFailsAndChangesNothing() {
        PortGateway g = found(scope);
        PortRequest wanted = request(Protocol.UDP, PORT);
        PortLease lease = get(newMapper().acquire(wanted, g, scope));
        List<Mapping> before = router.mappings();
        CoreScope over = scope(HOUR);
        over.cancel();
        Duration soon = Duration.ofSeconds(2);
        PortMapper mapper = newMapper();
        failure(mapper.probe(router.route(), over), soon);
        failure(mapper.acquire(request(Protocol.UDP, PORT + 1), g, over), soon);
        failure(mapper.renew(lease, wanted, over), soon);
        failure(mapper.release(lease, over), soon);
        assertEquals(before, router.mappings());
    }

    @Test
    void aScopeThatEndsMeanwhileEndsTheWork() {
        PortGateway g = found(scope);
        PortRequest wanted = request(Protocol.UDP, PORT);
        PortLease lease = get(newMapper().acquire(wanted, g, scope));
        router.manner(Manner.LATE);
        CoreScope s = scope(HOUR);
        PortMapper mapper = newMapper();
        List<CompletionStage<?>> all =
                List.of(
                        mapper.probe(router.route(), s),
                        mapper.acquire(wanted, g, s),
                        mapper.renew(lease, wanted, s));
        await("it works").until(() -> world.core().open() > 0);
        s.cancel();
        all.forEach(stage -> failure(stage, Duration.ofSeconds(2)));
        await("its sockets are closed").until(() -> world.core().open() == 0);
        router.manner(Manner.ANSWERS); // and so the answers come now
        get(newMapper().release(lease, scope));
    }

    @Test
    void watchingEndsWithItsScopeAndItsSubscription() {
        PortGateway g = found(scope);
        await().until(() -> world.core().open() == 0);
        AtomicInteger told = new AtomicInteger();
        CoreScope s = scope(HOUR);
        PortMapper mapper = newMapper();
        mapper.watch(g, told::incrementAndGet, s);
        Subscription closed = mapper.watch(g, told::incrementAndGet, s);
        closed.close();
        closed.close();
        s.cancel();
        await("its sockets are closed").until(() -> world.core().open() == 0);
        mapper.watch(g, told::incrementAndGet, s).close(); // of a scope that is over
        Subscription alone = mapper.watch(g, told::incrementAndGet, scope);
        alone.close();
        await("its sockets are closed").until(() -> world.core().open() == 0);
        assertEquals(0, told.get());
    }

    @Test
    void leavesNoThread() {
        found(scope); // brings what the world needs
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
        PortMapper mapper = newMapper();
        PortRequest wanted = request(Protocol.UDP, PORT);
        PortLease lease = get(mapper.acquire(wanted, found(scope), scope));
        get(mapper.release(get(mapper.renew(lease, wanted, scope)), scope));
        // The fake gateway's threads end a moment after their connections.
        await("no thread stays").untilAsserted(() -> assertEquals(Set.of(), added(before)));
    }

    private static Set<String> added(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> !before.contains(t))
                .map(Thread::getName)
                .filter(n -> !n.matches("karst-(core|timer|net)-\\d+|awaitility.*")) // the test's
                .collect(Collectors.toSet());
    }
}
