// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.DatagramPipe;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.admin.ProviderInfo;
import dev.karst.admin.ProviderRef;
import dev.karst.core.SessionPairTest.Box;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A transport is replaced while a path of it is slow and full. */
class SlowPathTest {
    private static final ProtocolId PROTOCOL = ProtocolId.of("count");
    private final Box a = new Box(new TestCrypto(CryptoProvider.AESGCM));
    private final Box b = new Box(new TestCrypto(CryptoProvider.AESGCM));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger received = new AtomicInteger();

    private final class Counting implements PipeAcceptor, Flow.Subscriber<ByteBuffer> {
        @Override
        public void datagrams(Peer from, DatagramPipe p) {
            p.incoming().subscribe(this);
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer b) {
            received.incrementAndGet();
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {}
    }

    private static <T> T get(CompletionStage<T> s) throws Exception {
        return s.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() {
        timer.shutdownNow();
        a.close();
        b.close();
    }

    @Test
    void datagramsOnTheirWayArrive() throws Exception {
        b.node.accept(PROTOCOL, AccessPolicy.any(), new Counting());
        Peer peer = get(a.node.connect(b.address()));
        DatagramPipe pipe = get(peer.openDatagrams(PROTOCOL, PipeOptions.defaults()));
        a.transport.paths.get(0).slow(timer, Duration.ofMillis(20));
        int sent = 0;
        while (pipe.send(ByteBuffer.allocate(1_000))) {
            sent++;
        }
        assertTrue(sent > 200, sent + " fit into the path");
        ProviderRef old =
                a.node.admin().providers().stream()
                        .map(ProviderInfo::ref)
                        .filter(r -> r.kind().equals("transport"))
                        .findFirst()
                        .orElseThrow();
        a.add(Transport.class, new MemoryTransport(), "mem");
        assertTrue(get(a.node.admin().drain(old, Duration.ofSeconds(15))).drained());
        assertTrue(peer.paths().get(0).generation() > 1, peer.paths().toString());
        int all = sent;
        await().until(() -> received.get() == all);
    }
}
