// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.transport;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.Endpoint;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Transport} must do; the subclass says which one, and where it may listen. */
@Timeout(30)
public abstract class TransportContract {
    protected final LocalWorld world = LocalWorld.netty();
    protected final Transport transport = newTransport();
    protected CoreScope scope;
    protected Listening listening;
    private final LinkedBlockingQueue<Path> accepted = new LinkedBlockingQueue<>();

    protected abstract Transport newTransport();

    /** Where to listen on this machine; port 0. */
    protected abstract Endpoint anywhere();

    @BeforeEach
    void listen() {
        scope = world.scope();
        listening = get(transport.listen(anywhere(), accepted::add, scope));
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** A new path; its other end is the next {@link #accepted()}. */
    protected final Path dial() {
        return get(transport.dial(listening.endpoint(), scope));
    }

    protected final Path accepted() throws InterruptedException {
        Path p = accepted.poll(5, TimeUnit.SECONDS);
        assertTrue(p != null, "no path came in");
        return p;
    }

    private static byte[] random(long seed, int size) {
        byte[] b = new byte[size];
        new Random(seed).nextBytes(b);
        return b;
    }

    private static void assertFails(CompletionStage<?> stage) {
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> stage.toCompletableFuture().get(10, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, e.getCause());
        assertFalse(e.getCause().getMessage().isBlank(), "the reason in words");
    }

    @Test
    void carriesFramesOfAllSizesBothWays() throws Exception {
        Path a = dial();
        Path b = accepted();
        Ear atB = Ear.to(b);
        Ear atA = Ear.to(a);
        assertTrue(a.maxFrame() >= 1_200);
        for (int size : new int[] {1, 2, 3, 1_199, 1_200, a.maxFrame() - 1, a.maxFrame()}) {
            byte[] there = random(size, size);
            ByteBuffer buffer = ByteBuffer.wrap(there.clone());
            a.send(0, buffer);
            Arrays.fill(buffer.array(), (byte) 0x55); // it was copied
            assertArrayEquals(there, atB.next(), "size " + size);
            ByteBuffer direct = ByteBuffer.allocateDirect(size + 7).position(7);
            direct.put(there).position(7);
            b.send(1, direct);
            assertArrayEquals(there, atA.next(), "size " + size);
        }
        assertEquals(0, atA.broken.get() + atB.broken.get());
    }

    @Test
    void saysWhereItsEndsAre() throws Exception {
        Path a = dial();
        Path b = accepted();
        assertTrue(listening.endpoint().port() > 0);
        assertEquals(anywhere().scheme(), listening.endpoint().scheme());
        assertEquals(a.local(), b.remote());
        assertEquals(a.remote(), b.local());
        assertEquals(listening.endpoint().port(), a.remote().port());
    }

    @Test
    void keepsTheOrderOfALaneUnderManySenders() throws Exception {
        Path a = dial();
        assumeTrue(a.reliable());
        Ear b = Ear.to(accepted());
        Ear.to(a);
        int lanes = 4;
        int each = 2_000;
        List<Thread> senders = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            int l = lane;
            Thread t =
                    new Thread(
                            () -> {
                                for (int i = 0; i < each; i++) {
                                    ByteBuffer f = ByteBuffer.allocate(8 + i % 900);
                                    a.send(l, f.putInt(0, l).putInt(4, i));
                                }
                            });
            senders.add(t);
            t.start();
        }
        int[] next = new int[lanes];
        for (int i = 0; i < lanes * each; i++) {
            ByteBuffer f = ByteBuffer.wrap(b.next());
            int lane = f.getInt();
            assertEquals(next[lane]++, f.getInt(), "lane " + lane);
            assertEquals(8 + (next[lane] - 1) % 900, f.capacity());
        }
        for (Thread t : senders) {
            t.join();
        }
        assertEquals(0, b.broken.get());
    }

    @Test
    void refusesFramesThatCannotBe() throws Exception {
        Path a = dial();
        Ear b = Ear.to(accepted());
        assertThrows(IllegalArgumentException.class, () -> a.send(0, ByteBuffer.allocate(0)));
        assertThrows(
                IllegalArgumentException.class,
                () -> a.send(0, ByteBuffer.allocate(a.maxFrame() + 1)));
        a.send(0, ByteBuffer.wrap(new byte[] {9}));
        assertArrayEquals(new byte[] {9}, b.next(), "the path lives on");
    }

    @Test
    void receivesNothingBeforeStartAndStartsOnce() throws Exception {
        Path a = dial();
        a.send(0, ByteBuffer.wrap(new byte[] {1, 2}));
        Path b = accepted();
        Ear ear = Ear.to(b);
        assertArrayEquals(new byte[] {1, 2}, ear.next());
        assertThrows(IllegalStateException.class, () -> b.start(ear));
    }

    @Test
    void backPressureReachesTheSenderAndLosesNothing() throws Exception {
        Path a = dial();
        assumeTrue(a.reliable());
        Path b = accepted();
        Ear atA = Ear.to(a);
        Ear atB = Ear.to(b);
        b.receiving(false);
        int sent = 0;
        boolean room = true;
        while (room && sent < 5_000) {
            room = a.send(0, ByteBuffer.allocate(Math.min(a.maxFrame(), 16_000)).putInt(0, sent++));
        }
        assertFalse(room, "a receiver that does not receive must be felt");
        assertEquals(0, atA.writable.availablePermits());
        assertEquals(0, atB.frames.size(), "frames came against its will");
        b.receiving(true);
        for (int i = 0; i < sent; i++) {
            assertEquals(i, ByteBuffer.wrap(atB.next()).getInt());
        }
        assertTrue(atA.writable.tryAcquire(5, TimeUnit.SECONDS), "never writable again");
        assertTrue(a.send(0, ByteBuffer.allocate(1)));
        assertEquals(0, atA.broken.get() + atB.broken.get());
    }

    @Test
    void closeSendsWhatWasGivenAndIsToldOnceToBoth() throws Exception {
        Path a = dial();
        Path b = accepted();
        Ear atA = Ear.to(a);
        Ear atB = Ear.to(b);
        for (int i = 0; i < 10; i++) {
            a.send(0, ByteBuffer.allocate(1_000).putInt(0, i));
        }
        a.close();
        a.close();
        assertTrue(atA.isClosed() && atB.isClosed());
        if (a.reliable()) {
            assertEquals(10, atB.frames.size());
        }
        assertFalse(atA.why.isBlank() || atB.why.isBlank(), "the reason in words");
        a.send(0, ByteBuffer.allocate(1)); // too late, and harmless
        b.send(0, ByteBuffer.allocate(1));
        a.receiving(true);
        b.close();
        assertEquals(0, atA.broken.get() + atB.broken.get());
    }

    @Test
    void failsInWordsWhereNobodyListens() {
        listening.close();
        await().until(() -> world.core().open() == 0);
        assertFails(transport.dial(listening.endpoint(), scope));
        String scheme = anywhere().scheme();
        assertFails(transport.dial(Endpoint.parse(scheme + "://127.0.0.1"), scope));
        assertFails(transport.dial(Endpoint.of(scheme, "no-such-host.invalid", 9), scope));
        assertFails(transport.listen(Endpoint.parse(scheme + "://127.0.0.1"), p -> {}, scope));
    }

    @Test
    void failsInWordsWhereThePortIsTaken() {
        assertFails(transport.listen(listening.endpoint(), p -> {}, scope));
    }

    @Test
    void anEndOfListeningLeavesAcceptedPathsAlone() throws Exception {
        Path a = dial();
        Ear b = Ear.to(accepted());
        listening.close();
        listening.close();
        a.send(0, ByteBuffer.wrap(new byte[] {3}));
        assertArrayEquals(new byte[] {3}, b.next());
    }

    @Test
    void cancelEndsEverythingOfTheScope() throws Exception {
        CoreScope own = world.scope();
        Path a = get(transport.dial(listening.endpoint(), own));
        Ear atA = Ear.to(a);
        Path b = accepted();
        Ear atB = Ear.to(b);
        own.cancel();
        assertTrue(atA.isClosed() && atB.isClosed());
        assertFailsOrCancelled(transport.dial(listening.endpoint(), own));
        assertFailsOrCancelled(transport.listen(anywhere(), p -> {}, own));

        CoreScope other = world.scope();
        var dialling = transport.dial(listening.endpoint(), other);
        other.cancel();
        assertTrue(dialling.handle((p, e) -> true).toCompletableFuture().get(5, TimeUnit.SECONDS));
        scope.cancel();
        await().until(() -> world.core().open() == 0);
    }

    private static void assertFailsOrCancelled(CompletionStage<?> stage) throws Exception {
        var f = stage.handle((v, e) -> e).toCompletableFuture();
        assertTrue(f.get(5, TimeUnit.SECONDS) != null, "worked in a scope that is over");
    }
}
