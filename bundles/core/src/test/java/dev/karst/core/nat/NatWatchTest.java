// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.NatInfo;
import dev.karst.core.Counters;
import dev.karst.core.net.SelectorDriver;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.udp.Consent;
import dev.karst.core.world.RealWorld;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.UdpSocket;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The core's part of NAT detection: real sockets, a detector that does as it is told. */
@Timeout(20)
class NatWatchTest {
    private final Counters counters = new Counters();
    private final RealWorld world = new RealWorld(counters);
    private final SelectorDriver driver = new SelectorDriver();
    private final ProviderRegistry registry = new ProviderRegistry(world, counters, e -> {});
    private final List<NatInfo> events = new CopyOnWriteArrayList<>();
    private NatWatch watch;

    /** Hands out what the core gave it. */
    private static final class Told implements NatDetector {
        record Call(
                UdpSocket socket,
                Consumer<? super NatBehavior> later,
                Scope scope,
                CompletableFuture<NatBehavior> result) {}

        final List<Call> calls = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<NatBehavior> detect(
                UdpSocket shared, Consumer<? super NatBehavior> later, Scope scope) {
            Call c = new Call(shared, later, scope, new CompletableFuture<>());
            calls.add(c);
            return c.result;
        }

        Call first() {
            await().until(() -> calls.stream().anyMatch(Told::ipv4));
            return calls.stream().filter(Told::ipv4).reduce((a, b) -> b).orElseThrow();
        }

        private static boolean ipv4(Call c) {
            return c.socket.local().getAddress().getAddress().length == 4;
        }
    }

    @BeforeEach
    void start() {
        world.coreNetwork().driver(driver);
        registry.kind(NatDetector.class, "nat");
        watch =
                new NatWatch(
                        world,
                        registry,
                        new Consent(world::nanoTime),
                        counters,
                        0,
                        events::add,
                        () -> {});
        registry.listen(
                new ProviderRegistry.Listener() {
                    @Override
                    public void arrived(ProviderHandle<?> h, Class<?> kind) {
                        watch.detectorsChanged();
                    }

                    @Override
                    public void left(ProviderHandle<?> h, Class<?> kind) {
                        watch.detectorsChanged();
                    }
                });
    }

    @AfterEach
    void stop() {
        watch.close();
        world.close();
        driver.close();
    }

    private Told install(long id) {
        Told t = new Told();
        registry.bind(NatDetector.class, t, Map.of("service.id", id, "karst.name", "told"));
        return t;
    }

    private static NatBehavior behavior(Behavior mapping) {
        return NatBehavior.builder().udp(mapping, Behavior.ENDPOINT_INDEPENDENT).build();
    }

    @Test
    void learnsKeepsAndTells() {
        Told t = install(1);
        Told.Call c = t.first();
        c.result.complete(behavior(Behavior.ENDPOINT_INDEPENDENT));
        await().until(() -> watch.profile().ipv4().isPresent());
        assertEquals("full-cone", events.get(0).families().get(0).p2pdName());
        c.later.accept(behavior(Behavior.ADDRESS_DEPENDENT));
        await().until(
                        () ->
                                watch.profile().ipv4().get().udp().mapping()
                                        == Behavior.ADDRESS_DEPENDENT);
        registry.unbind(NatDetector.class, Map.of("service.id", 1L));
        assertTrue(c.scope.cancelled());
        c.later.accept(behavior(Behavior.BLOCKED)); // too late
        Told next = install(2);
        assertEquals(Behavior.ADDRESS_DEPENDENT, watch.profile().ipv4().get().udp().mapping());
        assertTrue(next.calls.stream().noneMatch(Told::ipv4), "it is known already");
    }

    @Test
    void sameSocketWhoeverDetects() {
        Told t = install(1);
        InetSocketAddress local = t.first().socket.local();
        registry.unbind(NatDetector.class, Map.of("service.id", 1L));
        assertEquals(local, install(2).first().socket.local());
    }

    @Test
    void failureIsToldAndTriedAgainOnDemand() {
        Told t = install(1);
        t.first().result.completeExceptionally(new KarstException(Code.UNREACHABLE, "nobody home"));
        await().until(() -> watch.info().trouble().contains("nobody home"));
        assertTrue(watch.info().families().isEmpty());
        int before = t.calls.size();
        CompletableFuture<NatInfo> again = watch.again();
        await().until(() -> t.calls.size() > before);
        for (Told.Call c : t.calls) {
            c.result.completeExceptionally(new KarstException(Code.UNREACHABLE, "still nobody"));
        }
        ExecutionException e =
                assertThrows(ExecutionException.class, () -> again.get(10, TimeUnit.SECONDS));
        assertTrue(e.getCause().getMessage().contains("still nobody"), e.toString());
    }

    @Test
    void withoutADetectorItSaysWhatToInstall() {
        CompletableFuture<NatInfo> again = watch.again();
        ExecutionException e =
                assertThrows(ExecutionException.class, () -> again.get(10, TimeUnit.SECONDS));
        assertTrue(e.getCause().getMessage().contains("karst-nat-stun"), e.toString());
    }

    /** Only answers to its own requests, from wherever; nothing but requests out. */
    @Test
    void theSharedSocketGivesAnswersToWhoAsked() throws Exception {
        UdpSocket shared = install(1).first().socket;
        List<ByteBuffer> got = new CopyOnWriteArrayList<>();
        shared.start((from, bytes) -> got.add(ByteBuffer.allocate(bytes.remaining()).put(bytes)));
        try (DatagramSocket server = new DatagramSocket(0, shared.local().getAddress())) {
            server.setSoTimeout(5_000);
            InetSocketAddress to = (InetSocketAddress) server.getLocalSocketAddress();
            assertFalse(shared.send(to, stun(0x0101, 1)), "an answer is no request");
            assertFalse(shared.send(to, ByteBuffer.allocate(64)), "nor is this");
            assertTrue(shared.send(to, stun(0x0001, 7)));
            server.receive(new DatagramPacket(new byte[100], 100));
            send(server, shared, stun(0x0101, 8)); // nobody asked
            send(server, shared, stun(0x0001, 7)); // a request
            send(server, shared, ByteBuffer.allocate(30)); // not STUN
            send(server, shared, stun(0x0111, 7)); // an error is an answer
            await().until(() -> got.size() == 1);
            await().until(() -> counters.get("udp.unclaimed") == 1);
            assertEquals(1, counters.get("udp.unclaimed-stun"));
            assertEquals(1, counters.get("udp.stray-stun"));
            shared.close();
            assertFalse(shared.send(to, stun(0x0001, 9)));
            send(server, shared, stun(0x0101, 7));
            await().until(() -> counters.get("udp.stray-stun") == 2);
            assertEquals(1, got.size());
        }
    }

    private static ByteBuffer stun(int type, int id) {
        return ByteBuffer.allocate(20)
                .putShort((short) type)
                .putShort((short) 0)
                .putInt(0x2112A442)
                .putLong(id)
                .putInt(id)
                .flip();
    }

    private static void send(DatagramSocket from, UdpSocket to, ByteBuffer bytes) throws Exception {
        InetAddress host = to.local().getAddress();
        from.send(new DatagramPacket(bytes.array(), bytes.limit(), host, to.local().getPort()));
    }
}
