// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Datagrams that wait: for their reader, and on a slow path whose transport is replaced. */
class DatagramPipeTest {
    private static final ProtocolId PROTOCOL = ProtocolId.of("count");
    private final Box a = new Box(new TestCrypto(CryptoProvider.AESGCM));
    private final Box b = new Box(new TestCrypto(CryptoProvider.AESGCM));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final CompletableFuture<DatagramPipe> accepted = new CompletableFuture<>();

    /** Counts what comes once somebody asks for it. */
    private static final class Reader implements Flow.Subscriber<ByteBuffer> {
        final AtomicInteger read = new AtomicInteger();
        Flow.Subscription s;

        Reader(DatagramPipe pipe) {
            pipe.incoming().subscribe(this);
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            this.s = s;
        }

        @Override
        public void onNext(ByteBuffer b) {
            read.incrementAndGet();
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {}
    }

    private static <T> T get(CompletionStage<T> s) throws Exception {
        return s.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private DatagramPipe open(PipeOptions options) throws Exception {
        b.node.accept(
                PROTOCOL,
                AccessPolicy.any(),
                new PipeAcceptor() {
                    @Override
                    public void datagrams(Peer from, DatagramPipe p) {
                        accepted.complete(p);
                    }
                });
        Peer peer = get(a.node.connect(b.address()));
        return get(peer.openDatagrams(PROTOCOL, options));
    }

    @AfterEach
    void close() {
        timer.shutdownNow();
        a.close();
        b.close();
    }

    @Test
    void aWindowOfThemWaitsForTheReader() throws Exception {
        DatagramPipe pipe = open(new PipeOptions(64 << 10));
        Reader reader = new Reader(pipe);
        for (int i = 0; i < 100; i++) {
            assertTrue(get(accepted).send(ByteBuffer.allocate(1_000)));
        }
        int fit = (64 << 10) / (1_000 + 128);
        await().until(() -> pipe.dropped() == 100 - fit);
        assertEquals(0, reader.read.get());
        reader.s.request(Long.MAX_VALUE);
        await().until(() -> reader.read.get() == fit);
        assertTrue(get(accepted).send(ByteBuffer.allocate(1_000)));
        await().until(() -> reader.read.get() == fit + 1);
        assertEquals(100 - fit, pipe.dropped());
    }

    @Test
    void thoseOnASlowPathArriveWhenItsTransportIsReplaced() throws Exception {
        DatagramPipe pipe = open(PipeOptions.defaults());
        Reader reader = new Reader(get(accepted));
        reader.s.request(Long.MAX_VALUE);
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
        assertTrue(a.node.peers().get(0).paths().get(0).generation() > 1);
        int all = sent;
        await().until(() -> reader.read.get() == all);
    }
}
