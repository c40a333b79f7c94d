// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.DatagramPipe;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.admin.Admin.DrainResult;
import dev.karst.admin.ProviderRef;
import dev.karst.core.connect.Publisher;
import dev.karst.core.identity.Identity;
import dev.karst.core.world.RealWorld;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two whole nodes, real threads and real Noise, over paths that can be cut. */
class SessionPairTest {
    private static final ProtocolId ECHO = ProtocolId.of("test/echo");
    private static final Duration LONG = Duration.ofSeconds(20);

    /** One node and the way to add and remove its providers. */
    static final class Box implements AutoCloseable {
        final Counters counters = new Counters();
        final RealWorld world = new RealWorld(counters);
        final CoreNode node;
        final MemoryTransport transport = new MemoryTransport();
        final Map<String, Object> simple;
        final Map<String, Object> cipher;
        private long ids;

        Box(CryptoProvider crypto) {
            node =
                    new CoreNode(
                            world,
                            new CoreConfig(
                                    List.of(Endpoint.parse("mem://127.0.0.1:0")),
                                    List.of(),
                                    Limits.defaults()),
                            Identity.generate(world.secureRandom()),
                            new Publisher.NumberStore() {
                                @Override
                                public long load() {
                                    return 0;
                                }

                                @Override
                                public void save(long number) {}
                            },
                            counters);
            add(Transport.class, transport, "mem");
            cipher = add(CryptoProvider.class, crypto, "test");
            simple = add(TraversalStrategy.class, new Simple(), "simple");
            await().until(node::ready);
        }

        <T> Map<String, Object> add(Class<T> kind, T service, String name) {
            Map<String, Object> p = new HashMap<>();
            p.put("service.id", ++ids);
            p.put("karst.name", name);
            p.put("karst.scheme", name);
            node.registry().bind(kind, service, p);
            return p;
        }

        /** What hangs on the transport. */
        List<String> paths() {
            return node.admin().providers().stream()
                    .filter(p -> p.ref().kind().equals("transport"))
                    .flatMap(p -> p.holds().stream())
                    .filter(h -> h.startsWith("path"))
                    .toList();
        }

        PeerAddress address() {
            return node.address().withCandidates(node.listening());
        }

        @Override
        public void close() {
            node.close();
            world.close();
        }
    }

    static final class Simple implements TraversalStrategy {
        @Override
        public Odds estimate(NatProfile local, NatProfile remote) {
            return new Odds(1, Duration.ofMillis(1), 1);
        }

        @Override
        public CompletionStage<? extends Path> attempt(Attempt a) {
            if (!a.initiator()) {
                return CompletableFuture.failedFuture(new IllegalStateException("waits"));
            }
            return a.dial(a.remoteCandidates().get(0)).thenCompose(a::prove);
        }
    }

    private final List<Box> boxes = new ArrayList<>();

    private Box box(String... suites) {
        Box b = new Box(new TestCrypto(suites.length == 0 ? both() : suites));
        boxes.add(b);
        return b;
    }

    private static String[] both() {
        return new String[] {CryptoProvider.AESGCM, CryptoProvider.CHACHAPOLY};
    }

    @AfterEach
    void close() {
        boxes.forEach(Box::close);
    }

    private static void echo(Box b) {
        b.node.accept(
                ECHO,
                AccessPolicy.any(),
                new PipeAcceptor() {
                    @Override
                    public void stream(Peer peer, StreamPipe pipe) {
                        pipe.incoming().subscribe(new Echo(pipe));
                    }

                    @Override
                    public void datagrams(Peer peer, DatagramPipe pipe) {
                        pipe.incoming().subscribe(new Bounce(pipe));
                    }
                });
    }

    private static final class Echo implements Flow.Subscriber<ByteBuffer> {
        private final StreamPipe pipe;
        private Flow.Subscription s;

        Echo(StreamPipe pipe) {
            this.pipe = pipe;
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            this.s = s;
            s.request(1);
        }

        @Override
        public void onNext(ByteBuffer b) {
            pipe.write(b).thenRun(() -> s.request(1));
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {
            pipe.finish();
        }
    }

    private static final class Bounce implements Flow.Subscriber<ByteBuffer> {
        private final DatagramPipe pipe;

        Bounce(DatagramPipe pipe) {
            this.pipe = pipe;
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer b) {
            pipe.send(b);
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {}
    }

    private static <T> T get(CompletionStage<T> s) {
        return s.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Sends {@code size} bytes through an echo and compares; {@code meanwhile} runs beside. */
    private static void transfer(StreamPipe pipe, int size, Runnable meanwhile) throws Exception {
        ByteChannel channel = pipe.blocking();
        byte[] data = new byte[size];
        new Random(1).nextBytes(data);
        CompletableFuture<byte[]> digest = new CompletableFuture<>();
        Thread reader =
                new Thread(
                        () -> {
                            try {
                                MessageDigest sha = MessageDigest.getInstance("SHA-256");
                                ByteBuffer b = ByteBuffer.allocate(64 << 10);
                                while (channel.read(b) >= 0) {
                                    b.flip();
                                    sha.update(b);
                                    b.clear();
                                }
                                digest.complete(sha.digest());
                            } catch (Exception e) {
                                digest.completeExceptionally(e);
                            }
                        });
        reader.start();
        Thread side = new Thread(meanwhile);
        side.start();
        for (int o = 0; o < size; o += 50_000) {
            channel.write(ByteBuffer.wrap(data, o, Math.min(50_000, size - o)));
        }
        get(pipe.finish());
        byte[] got = digest.get(20, TimeUnit.SECONDS);
        assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(data), got);
        side.join();
        get(pipe.closed());
    }

    private static void pause(int millis) {
        long until = System.nanoTime() + millis * 1_000_000L;
        await().pollInterval(Duration.ofMillis(1)).until(() -> System.nanoTime() > until);
    }

    @Test
    void streamAndDatagrams() throws Exception {
        Box a = box();
        Box b = box();
        echo(b);
        Peer peer = get(a.node.connect(b.address()));
        assertEquals(b.node.id(), peer.id());
        StreamPipe s = get(peer.openStream(ECHO, PipeOptions.defaults()));
        transfer(s, 8 << 20, () -> {});
        assertEquals(PipeState.CLOSED, s.state());
        DatagramPipe d = get(peer.openDatagrams(ECHO, PipeOptions.defaults()));
        CompletableFuture<ByteBuffer> back = new CompletableFuture<>();
        d.incoming()
                .subscribe(
                        new Flow.Subscriber<>() {
                            @Override
                            public void onSubscribe(Flow.Subscription s) {
                                s.request(Long.MAX_VALUE);
                            }

                            @Override
                            public void onNext(ByteBuffer b) {
                                back.complete(b);
                            }

                            @Override
                            public void onError(Throwable t) {}

                            @Override
                            public void onComplete() {}
                        });
        assertTrue(d.send(ByteBuffer.wrap(new byte[] {1, 2, 3})));
        assertEquals(3, back.get(5, TimeUnit.SECONDS).remaining());
        assertTrue(peer.report().verdict().startsWith("connected"), peer.report().toString());
    }

    @Test
    void streamSurvivesCuts() throws Exception {
        Box a = box();
        Box b = box();
        echo(b);
        Peer peer = get(a.node.connect(b.address()));
        StreamPipe s = get(peer.openStream(ECHO, PipeOptions.defaults()));
        Random r = new Random(9);
        transfer(
                s,
                32 << 20,
                () -> {
                    for (int i = 0; i < 10; i++) {
                        pause(10 + r.nextInt(40));
                        a.transport.cut();
                        b.transport.cut();
                    }
                });
        assertEquals(1, a.node.peers().size());
        assertEquals(1, b.node.peers().size());
    }

    @Test
    void crossingConnectsGiveOneSession() throws Exception {
        for (int i = 0; i < 5; i++) {
            Box a = box();
            Box b = box();
            echo(a);
            echo(b);
            CompletionStage<Peer> one = a.node.connect(b.address());
            CompletionStage<Peer> two = b.node.connect(a.address());
            StreamPipe s = get(get(one).openStream(ECHO, PipeOptions.defaults()));
            StreamPipe t = get(get(two).openStream(ECHO, PipeOptions.defaults()));
            transfer(s, 100_000, () -> {});
            transfer(t, 100_000, () -> {});
            assertEquals(1, a.node.peers().size());
            assertEquals(1, b.node.peers().size());
            await().atMost(LONG).until(() -> a.node.peers().get(0).paths().size() == 1);
        }
    }

    @Test
    void cryptoIsReplacedUnderTheTransfer() throws Exception {
        Box a = box();
        Box b = box();
        echo(b);
        Peer peer = get(a.node.connect(b.address()));
        StreamPipe s = get(peer.openStream(ECHO, PipeOptions.defaults()));
        AtomicInteger drained = new AtomicInteger();
        transfer(
                s,
                48 << 20,
                () -> {
                    for (int i = 0; i < 3; i++) { // beside: the new one first
                        Map<String, Object> p =
                                a.add(CryptoProvider.class, new TestCrypto(both()), "new" + i);
                        ProviderRef old =
                                a.node.admin().providers().stream()
                                        .filter(x -> x.ref().kind().equals("crypto"))
                                        .findFirst()
                                        .orElseThrow()
                                        .ref();
                        DrainResult d = get(a.node.admin().drain(old, LONG));
                        drained.addAndGet(d.drained() ? 1 : 0);
                        // in place: gone, and back after a moment
                        a.node.registry().unbind(CryptoProvider.class, p);
                        pause(20);
                        a.add(CryptoProvider.class, new TestCrypto(both()), "again" + i);
                        pause(20);
                    }
                });
        assertEquals(3, drained.get());
    }

    @Test
    void aHandshakeThatItsProviderLeavesLetsGoOfThePath() throws Exception {
        Box a = box();
        Box b = box();
        Endpoint silent = MemoryTransport.silence();
        CompletionStage<Peer> connect = a.node.connect(b.address().withCandidates(List.of(silent)));
        await().until(() -> a.paths().size() == 1); // INIT is sent, and nobody answers
        a.node.registry().unbind(CryptoProvider.class, a.cipher);
        CompletionException e = assertThrows(CompletionException.class, () -> get(connect));
        assertEquals(Code.NO_PROVIDER, ((KarstException) e.getCause()).code());
        await().untilAsserted(() -> assertEquals(List.of(), a.paths()));
    }

    @Test
    void suitesAreNegotiated() throws Exception {
        Box a = box(CryptoProvider.AESGCM, CryptoProvider.CHACHAPOLY);
        Box b = box(CryptoProvider.CHACHAPOLY);
        echo(b);
        Peer peer = get(a.node.connect(b.address()));
        assertTrue(peer.paths().get(0).crypto().contains("ChaCha"), peer.paths().toString());
        Box c = box(CryptoProvider.AESGCM);
        CompletionException e =
                assertThrows(CompletionException.class, () -> get(c.node.connect(b.address())));
        assertEquals(Code.INCOMPATIBLE, ((KarstException) e.getCause()).code());
    }

    @Test
    void strangersAreRefused() {
        Box a = box();
        Box b = box();
        CompletionException e =
                assertThrows(CompletionException.class, () -> get(a.node.connect(b.address())));
        assertEquals(Code.NOT_PERMITTED, ((KarstException) e.getCause()).code());
        b.node.accept(
                ProtocolId.of("other"), AccessPolicy.only(a.node.id()), new PipeAcceptor() {});
        Peer peer = get(a.node.connect(b.address()));
        e =
                assertThrows(
                        CompletionException.class,
                        () -> get(peer.openStream(ECHO, PipeOptions.defaults())));
        assertEquals(Code.NOT_PERMITTED, ((KarstException) e.getCause()).code());
    }

    @Test
    void anotherPeerAtThePlaceIsNoticed() {
        Box a = box();
        Box b = box();
        Box c = box();
        echo(b);
        echo(c);
        PeerAddress lying = b.node.address().withCandidates(c.node.listening());
        CompletionException e =
                assertThrows(CompletionException.class, () -> get(a.node.connect(lying)));
        assertEquals(Code.WRONG_KEY, ((KarstException) e.getCause()).code());
    }

    @Test
    void aRestartedPeerIsNeverSpliced() throws Exception {
        Box a = box();
        Box b = box();
        echo(b);
        Peer peer = get(a.node.connect(b.address()));
        StreamPipe s = get(peer.openStream(ECHO, PipeOptions.defaults()));
        // The peer forgets the session, as a restart does, and the paths die.
        b.node.closed((dev.karst.core.session.Session) b.node.peers().get(0));
        a.transport.cut();
        CompletionException e = assertThrows(CompletionException.class, () -> get(s.closed()));
        assertEquals(Code.PEER_RESTARTED, ((KarstException) e.getCause()).code());
        StreamPipe t = get(peer.openStream(ECHO, PipeOptions.defaults()));
        transfer(t, 100_000, () -> {});
    }
}
