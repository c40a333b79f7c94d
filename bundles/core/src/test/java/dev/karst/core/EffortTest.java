// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.Subscription;
import dev.karst.core.SessionPairTest.Box;
import dev.karst.spi.Scope;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.signaling.SignalSink;
import dev.karst.spi.signaling.SignalingBackend;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How two whole nodes look for each other: strange strategies, and both at once. */
class EffortTest {
    private Box a;
    private Box b;

    @BeforeEach
    void open() {
        a = box();
        b = box();
    }

    private static Box box() {
        Box x = new Box(new TestCrypto(CryptoProvider.AESGCM));
        x.node.accept(ProtocolId.of("test"), AccessPolicy.any(), new PipeAcceptor() {});
        return x;
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static <T> T get(CompletionStage<T> s) {
        return s.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private record Strategy(
            boolean mutual,
            Function<NatProfile, Odds> odds,
            Function<Attempt, CompletionStage<? extends Path>> run)
            implements TraversalStrategy {
        Strategy(Function<NatProfile, Odds> odds) {
            this(false, odds, a -> CompletableFuture.failedFuture(new Exception("never works")));
        }

        @Override
        public Odds estimate(NatProfile local, NatProfile remote) {
            return odds.apply(remote);
        }

        @Override
        public CompletionStage<? extends Path> attempt(Attempt attempt) {
            return run.apply(attempt);
        }
    }

    @Test
    void anEstimateThatBlocksDelaysNobodyElse() {
        CountDownLatch never = new CountDownLatch(1);
        Strategy stuck =
                new Strategy(
                        n -> {
                            awaitQuietly(never);
                            return new Odds(1, Duration.ZERO, 1);
                        });
        a.add(TraversalStrategy.class, stuck, "stuck");
        try {
            Peer peer = get(a.node.connect(b.address()));
            assertTrue(peer.report().took().toMillis() < 900, peer.report().toString());
        } finally {
            never.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void oddsThatAreNoneHarmNobodyElse() {
        a.add(TraversalStrategy.class, new Strategy(n -> null), "null");
        a.add(TraversalStrategy.class, new Strategy(n -> new Odds(1, null, 1)), "timeless");
        Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
        a.add(TraversalStrategy.class, new Strategy(n -> new Odds(1, ages, 1)), "ages");
        assertEquals(b.node.id(), get(a.node.connect(b.address())).id());
    }

    @Test
    void noChanceAndNoStrategyAreToldApart() {
        a.node.registry().unbind(TraversalStrategy.class, a.simple);
        KarstException none = refusal();
        assertEquals(Code.NO_PROVIDER, none.code());
        assertTrue(none.getMessage().contains("installed"), none.getMessage());
        Map<String, Object> p =
                a.add(
                        TraversalStrategy.class,
                        new Strategy(n -> new Odds(0, Duration.ZERO, 1)),
                        "hopeless");
        KarstException hopeless = refusal();
        assertEquals(Code.UNREACHABLE, hopeless.code());
        assertTrue(hopeless.getMessage().contains("has a chance"), hopeless.getMessage());
        a.node.registry().unbind(TraversalStrategy.class, p);
    }

    private KarstException refusal() {
        CompletionException e =
                assertThrows(CompletionException.class, () -> get(a.node.connect(b.address())));
        return (KarstException) e.getCause();
    }

    // --- both at once

    /** Passes signals on, the first ones only once there are as many as were wanted. */
    private static final class Switchboard implements SignalingBackend {
        private static final Endpoint AT = Endpoint.parse("mem://127.0.0.1:1");
        private final Map<PeerId, SignalSink> sinks = new ConcurrentHashMap<>();
        private final List<Runnable> held = new ArrayList<>();
        private int hold;

        Switchboard(int hold) {
            this.hold = hold;
        }

        @Override
        public boolean reaches(Endpoint endpoint) {
            return endpoint.equals(AT);
        }

        @Override
        public CompletionStage<Void> send(PeerId to, Endpoint via, byte[] sealed, Scope scope) {
            List<Runnable> go = List.of();
            synchronized (this) {
                held.add(() -> sinks.get(to).signal(sealed));
                if (--hold <= 0) {
                    go = List.copyOf(held);
                    held.clear();
                }
            }
            go.forEach(Runnable::run);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Subscription receive(PeerId self, SignalSink sink, Scope scope) {
            sinks.put(self, sink);
            sink.reachableAt(List.of(AT));
            return () -> sinks.remove(self, sink);
        }
    }

    /** What takes part: the responder knocks by signaling, the initiator then dials. */
    private static Strategy mutual(Set<String> responded, PeerId self) {
        return new Strategy(
                true,
                n -> new Odds(1, Duration.ofMillis(5), 1),
                at -> {
                    CompletableFuture<Path> out = new CompletableFuture<>();
                    at.scope().onCancel(() -> out.cancel(false));
                    if (at.initiator()) {
                        at.told(
                                m ->
                                        at.dial(at.remoteCandidates().get(0))
                                                .thenCompose(at::prove)
                                                .whenComplete((p, e) -> end(out, p, e)));
                    } else {
                        responded.add(self + " in " + at.id());
                        at.tell(new byte[1]);
                    }
                    return out;
                });
    }

    private static void end(CompletableFuture<Path> out, Path p, Throwable e) {
        if (e == null) {
            out.complete(p);
        } else {
            out.completeExceptionally(e);
        }
    }

    @Test
    void whoBothCallMeetInTheAttemptOfTheLower() {
        Switchboard signals = new Switchboard(2);
        Set<String> responded = ConcurrentHashMap.newKeySet();
        for (Box x : List.of(a, b)) {
            x.node.registry().unbind(TraversalStrategy.class, x.simple);
            x.add(SignalingBackend.class, signals, "mem");
            x.add(TraversalStrategy.class, mutual(responded, x.node.id()), "meet");
        }
        // Without places: only signals lead to the other.
        PeerAddress toA = bySignal(a);
        PeerAddress toB = bySignal(b);
        CompletionStage<Peer> one = a.node.connect(toB);
        CompletionStage<Peer> two = b.node.connect(toA);
        assertEquals(b.node.id(), get(one).id());
        assertEquals(a.node.id(), get(two).id());
        assertEquals(1, a.node.peers().size());
        assertEquals(1, b.node.peers().size());
        PeerId higher = a.node.id().compareTo(b.node.id()) < 0 ? b.node.id() : a.node.id();
        assertEquals(1, responded.size(), responded.toString());
        assertTrue(responded.iterator().next().startsWith(higher.toString()));
    }

    private static PeerAddress bySignal(Box x) {
        org.awaitility.Awaitility.await().until(() -> !x.node.address().signaling().isEmpty());
        return x.node.address();
    }
}
