// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.transport;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.FlowPair;
import dev.karst.itests.tck.net.FlowPair.Faults;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import dev.karst.transport.quic.QuicTransport;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing is left of paths that were: no thread, no buffer, no class. */
@Timeout(60)
class QuicLeakTest {
    private static final int PATHS = 60;

    /** Netty's leak detector only logs. */
    private static final class Leaks extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger("io.netty.util.ResourceLeakDetector");
        final List<String> found = new CopyOnWriteArrayList<>();

        Leaks() {
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord r) {
            found.add(r.getLevel() + " " + r.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    /** One path, used, and ended in one of several ways. */
    private static void onePath(LocalWorld world, Transport transport, int i) throws Exception {
        CoreScope ours = world.scope();
        CoreScope theirs = world.scope();
        try (FlowPair flows =
                new FlowPair(i, i % 20 == 0 ? new Faults(0.2, 0.2, 0.2) : Faults.NONE)) {
            CompletionStage<Path> s = transport.over(flows.b(), false, theirs);
            CompletionStage<Path> c = transport.over(flows.a(), true, ours);
            if (i % 5 == 4) { // never ready
                ours.cancel();
                theirs.cancel();
                return;
            }
            Path client = get(c);
            Ear server = Ear.to(get(s));
            byte[] frame = new byte[50_000];
            client.send(i, ByteBuffer.wrap(frame));
            assertArrayEquals(frame, server.next());
            client.send(0, ByteBuffer.wrap(frame)); // on its way when it ends
            switch (i % 5) {
                case 0 -> client.close();
                case 1 -> ours.cancel();
                case 2 -> flows.a().breakDown();
                default -> get(s).close();
            }
            theirs.cancel();
            assertTrue(server.isClosed());
        } finally {
            ours.cancel();
            theirs.cancel();
        }
    }

    private static void prepare(LocalWorld world, Transport transport) throws Exception {
        CoreScope scope = world.scope();
        get(transport.prepare(scope));
        scope.cancel();
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(n -> !n.startsWith("karst-core-") && !n.startsWith("flow-pair"))
                .collect(Collectors.toSet());
    }

    private static void collect() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
        }
    }

    private static long direct() {
        return PlatformDependent.usedDirectMemory();
    }

    @Test
    void leavesNoThreadAndNoBuffer() throws Exception {
        try (LocalWorld world = LocalWorld.netty();
                Leaks leaks = new Leaks()) {
            QuicTransport transport = new QuicTransport();
            for (int i = 0; i < 10; i++) {
                onePath(world, transport, i);
            }
            Set<String> threads = threads();
            long direct = direct();
            for (int i = 0; i < PATHS; i++) {
                onePath(world, transport, i);
            }
            for (int i = 0; i < 10; i++) {
                prepare(world, transport);
            }
            collect();
            onePath(world, transport, 0); // the detector looks when it is used
            assertEquals(List.of(), leaks.found);
            assertEquals(threads, threads());
            assertTrue(direct() <= direct + (8 << 20), direct + " grew to " + direct());
        }
    }

    /** Its classes once more, as in another bundle. */
    private static final class Again extends ClassLoader {
        Again() {
            super(QuicLeakTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> c = findLoadedClass(name);
                if (c != null || !name.startsWith("dev.karst.transport.quic.")) {
                    return c != null ? c : super.loadClass(name, resolve);
                }
                try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                    byte[] b = in.readAllBytes();
                    return defineClass(name, b, 0, b.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        }
    }

    @Test
    void leavesNoClass() throws Exception {
        try (LocalWorld world = LocalWorld.netty()) {
            startThreads(world);
            WeakReference<ClassLoader> loader = useAnother(world);
            await().atMost(Duration.ofSeconds(20)) // the core's idle threads live on for 10
                    .until(
                            () -> {
                                collect();
                                return loader.refersTo(null);
                            });
        }
    }

    /**
     * The core's threads are there before the provider: a thread keeps who made it (its inherited
     * access control context), and the core's live on for 10 s.
     */
    private static void startThreads(LocalWorld world) throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
            world.scope()
                    .after(
                            Duration.ofMillis(1),
                            () -> {
                                busy.countDown();
                                try {
                                    busy.await();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
        }
        busy.await();
    }

    private static WeakReference<ClassLoader> useAnother(LocalWorld world) throws Exception {
        ClassLoader again = new Again();
        Class<?> c = again.loadClass("dev.karst.transport.quic.QuicTransport");
        assertNotEquals(QuicTransport.class, c);
        Transport transport = (Transport) c.getConstructor().newInstance();
        prepare(world, transport);
        for (int i = 0; i < 20; i++) {
            onePath(world, transport, i);
        }
        return new WeakReference<>(again);
    }
}
