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

import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.FlowPair;
import dev.karst.itests.tck.net.FlowPair.Faults;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Transport} must do that lists {@code udp} in {@code karst.over} and makes
 * reliable paths; the subclass says which one.
 */
@Timeout(30)
public abstract class FlowTransportContract {
    protected final LocalWorld world = LocalWorld.netty();
    protected final Transport transport = newTransport();
    protected FlowPair flows = new FlowPair(1, Faults.NONE);

    protected abstract Transport newTransport();

    /** Two ends of one path; each has a scope, as two nodes would. */
    protected record Ends(Path client, Path server) {}

    @AfterEach
    void close() {
        world.close();
        flows.close();
    }

    protected final void flows(long seed, Faults faults) {
        flows.close();
        flows = new FlowPair(seed, faults);
    }

    protected final Ends ends() {
        return ends(world.scope(), world.scope());
    }

    protected final Ends ends(CoreScope client, CoreScope server) {
        CompletionStage<Path> s = transport.over(flows.b(), false, server);
        CompletionStage<Path> c = transport.over(flows.a(), true, client);
        return new Ends(get(c), get(s));
    }

    private static byte[] random(long seed, int size) {
        byte[] b = new byte[size];
        new Random(seed).nextBytes(b);
        return b;
    }

    private static Throwable failure(CompletionStage<?> stage) {
        Throwable e =
                assertThrows(
                        Exception.class,
                        () -> stage.toCompletableFuture().get(15, TimeUnit.SECONDS));
        assertFalse(e instanceof TimeoutException, "nothing came of it");
        return e instanceof ExecutionException ? e.getCause() : e; // or it was cancelled
    }

    private static void assertFails(CompletionStage<?> stage) {
        Throwable e = assertInstanceOf(IOException.class, failure(stage));
        assertFalse(e.getMessage().isBlank(), "the reason in words");
    }

    @Test
    void carriesFramesOfAllSizesBothWays() throws Exception {
        Ends p = ends();
        Ear atServer = Ear.to(p.server());
        Ear atClient = Ear.to(p.client());
        assertTrue(p.client().reliable() && p.server().reliable());
        int most = p.client().maxFrame();
        assertTrue(most >= 1_200);
        for (int size : new int[] {1, 2, 3, 1_199, 1_200, most - 1, most}) {
            byte[] there = random(size, size);
            ByteBuffer buffer = ByteBuffer.wrap(there.clone());
            p.client().send(0, buffer);
            Arrays.fill(buffer.array(), (byte) 0x55); // it was copied
            assertArrayEquals(there, atServer.next(), "size " + size);
            ByteBuffer direct = ByteBuffer.allocateDirect(size + 7).position(7);
            direct.put(there).position(7);
            p.server().send(1, direct);
            assertArrayEquals(there, atClient.next(), "size " + size);
        }
        assertEquals(0, atClient.broken.get() + atServer.broken.get());
    }

    @Test
    void eitherSideSpeaksFirst() throws Exception {
        Ends p = ends();
        for (int lane : new int[] {0, 5, 63, 64, 1_000_000, Integer.MAX_VALUE}) {
            p.server().send(lane, ByteBuffer.wrap(new byte[] {1}));
            p.client().send(lane, ByteBuffer.wrap(new byte[] {2}));
        }
        Ear atClient = Ear.to(p.client());
        Ear atServer = Ear.to(p.server());
        for (int i = 0; i < 6; i++) {
            assertArrayEquals(new byte[] {1}, atClient.next());
            assertArrayEquals(new byte[] {2}, atServer.next());
        }
    }

    @Test
    void saysWhereItsEndsAre() {
        Ends p = ends();
        assertEquals(p.client().local(), p.server().remote());
        assertEquals(p.client().remote(), p.server().local());
        assertEquals(flows.a().local().getPort(), p.client().local().port());
    }

    @Test
    void bothEndsShareABinding() {
        Ends p = ends();
        byte[] binding = p.client().binding();
        assertArrayEquals(binding, p.server().binding());
        assertTrue(binding.length <= 64);
    }

    @Test
    void keepsTheOrderOfALaneUnderManySenders() throws Exception {
        lanesInOrder(2_000);
    }

    @Test
    void losesAndReordersNothingWhateverTheFlowDoes() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            flows(seed, new Faults(0.05, 0.02, 0.1));
            try {
                lanesInOrder(300);
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private void lanesInOrder(int each) throws Exception {
        Ends p = ends();
        Ear server = Ear.to(p.server());
        Ear.to(p.client());
        int lanes = 4;
        List<Thread> senders = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            int l = lane;
            Thread t =
                    new Thread(
                            () -> {
                                for (int i = 0; i < each; i++) {
                                    ByteBuffer f = ByteBuffer.allocate(8 + i % 900);
                                    p.client().send(l, f.putInt(0, l).putInt(4, i));
                                }
                            });
            senders.add(t);
            t.start();
        }
        int[] next = new int[lanes];
        for (int i = 0; i < lanes * each; i++) {
            ByteBuffer f = ByteBuffer.wrap(server.next());
            int lane = f.getInt();
            assertEquals(next[lane]++, f.getInt(), "lane " + lane);
            assertEquals(8 + (next[lane] - 1) % 900, f.capacity());
        }
        for (Thread t : senders) {
            t.join();
        }
        assertEquals(0, server.broken.get());
    }

    @Test
    void refusesFramesThatCannotBe() throws Exception {
        Ends p = ends();
        Ear server = Ear.to(p.server());
        Path a = p.client();
        assertThrows(IllegalArgumentException.class, () -> a.send(0, ByteBuffer.allocate(0)));
        assertThrows(
                IllegalArgumentException.class,
                () -> a.send(0, ByteBuffer.allocate(a.maxFrame() + 1)));
        a.send(0, ByteBuffer.wrap(new byte[] {9}));
        assertArrayEquals(new byte[] {9}, server.next(), "the path lives on");
    }

    @Test
    void receivesNothingBeforeStartAndStartsOnce() throws Exception {
        Ends p = ends();
        p.client().send(0, ByteBuffer.wrap(new byte[] {1, 2}));
        Ear ear = Ear.to(p.server());
        assertArrayEquals(new byte[] {1, 2}, ear.next());
        assertThrows(IllegalStateException.class, () -> p.server().start(ear));
    }

    @Test
    void backPressureReachesTheSenderAndLosesNothing() throws Exception {
        Ends p = ends();
        Path a = p.client();
        Ear atA = Ear.to(a);
        Ear atB = Ear.to(p.server());
        p.server().receiving(false);
        int sent = 0;
        boolean room = true;
        while (room && sent < 5_000) {
            room = a.send(0, ByteBuffer.allocate(Math.min(a.maxFrame(), 16_000)).putInt(0, sent++));
        }
        assertFalse(room, "a receiver that does not receive must be felt");
        // what the windows take makes room again, until they are full
        while (atA.writable.tryAcquire(300, TimeUnit.MILLISECONDS)) {
            while (a.send(0, ByteBuffer.allocate(16_000).putInt(0, sent++))) {
                assertTrue(sent < 5_000, "without end");
            }
        }
        assertEquals(0, atB.frames.size(), "frames came against its will");
        p.server().receiving(true);
        for (int i = 0; i < sent; i++) {
            assertEquals(i, ByteBuffer.wrap(atB.next()).getInt());
        }
        assertTrue(atA.writable.tryAcquire(5, TimeUnit.SECONDS), "never writable again");
        assertTrue(a.send(0, ByteBuffer.allocate(1)));
        assertEquals(0, atA.broken.get() + atB.broken.get());
    }

    @Test
    void closeSendsWhatWasGivenAndIsToldOnceToBoth() throws Exception {
        flows(7, new Faults(0.05, 0.02, 0.1));
        Ends p = ends();
        Path a = p.client();
        Ear atA = Ear.to(a);
        Ear atB = Ear.to(p.server());
        for (int i = 0; i < 30; i++) {
            a.send(i % 3, ByteBuffer.allocate(1_000).putInt(0, i));
        }
        a.close();
        a.close();
        assertTrue(atA.isClosed() && atB.isClosed());
        assertEquals(30, atB.frames.size());
        assertFalse(atA.why.isBlank() || atB.why.isBlank(), "the reason in words");
        a.send(0, ByteBuffer.allocate(1)); // too late, and harmless
        p.server().send(0, ByteBuffer.allocate(1));
        a.receiving(true);
        p.server().close();
        assertEquals(0, atA.broken.get() + atB.broken.get());
        await().until(() -> flows.a().isClosed() && flows.b().isClosed());
    }

    @Test
    void closesFromBothSidesAtOnce() throws Exception {
        Ends p = ends();
        Ear atA = Ear.to(p.client());
        Ear atB = Ear.to(p.server());
        p.client().close();
        p.server().close();
        assertTrue(atA.isClosed() && atB.isClosed());
        assertEquals(0, atA.broken.get() + atB.broken.get());
    }

    @Test
    void aCloseBeforeStartIsToldAtStart() throws Exception {
        Ends p = ends();
        p.client().close();
        await().until(() -> flows.a().isClosed() && flows.b().isClosed());
        assertTrue(Ear.to(p.client()).isClosed());
        assertTrue(Ear.to(p.server()).isClosed());
    }

    @Test
    void meetsAPeerThatBeginsLater() throws Exception {
        CompletionStage<Path> c = transport.over(flows.a(), true, world.scope());
        await().until(() -> flows.a().sent.get() > 0); // lost: nobody is there yet
        CompletionStage<Path> s = transport.over(flows.b(), false, world.scope());
        Ear server = Ear.to(get(s));
        get(c).send(0, ByteBuffer.wrap(new byte[] {4}));
        assertArrayEquals(new byte[] {4}, server.next());
    }

    @Test
    void failsInWordsWhereNobodyAnswers() {
        for (boolean client : new boolean[] {true, false}) {
            flows(1, Faults.NONE);
            assertFails(transport.over(flows.a(), client, world.scope(Duration.ofMillis(300))));
            await().until(() -> flows.a().isClosed());
        }
    }

    @Test
    void failsInWordsWhereTheFlowEnds() throws Exception {
        CompletionStage<Path> c = transport.over(flows.a(), true, world.scope());
        await().until(() -> flows.a().started());
        flows.a().breakDown();
        assertFails(c);

        flows(1, Faults.NONE);
        Ends p = ends();
        Ear ear = Ear.to(p.client());
        flows.a().breakDown();
        assertTrue(ear.isClosed());
        assertFalse(ear.why.isBlank());
    }

    @Test
    void cancelEndsEverythingOfTheScope() throws Exception {
        CoreScope own = world.scope();
        Ends p = ends(own, world.scope());
        Ear atClient = Ear.to(p.client());
        Ear atServer = Ear.to(p.server());
        p.client().send(0, ByteBuffer.allocate(100_0));
        own.cancel();
        assertTrue(atClient.isClosed());
        await().until(() -> flows.a().isClosed());
        assertTrue(atServer.isClosed(), "the peer was told");
        assertEquals(0, atClient.broken.get());

        flows(1, Faults.NONE);
        failure(transport.over(flows.a(), true, own)); // over already
        await().until(() -> flows.a().isClosed());

        flows(1, Faults.NONE);
        CoreScope other = world.scope();
        CompletionStage<Path> opening = transport.over(flows.a(), true, other);
        other.cancel();
        failure(opening);
        await().until(() -> flows.a().isClosed());
    }

    @Test
    void takesRubbishWithoutHarm() throws Exception {
        Random random = new Random(42);
        CompletionStage<Path> s = transport.over(flows.b(), false, world.scope());
        await().until(() -> flows.b().started());
        rubbish(random, 500);
        CompletionStage<Path> c = transport.over(flows.a(), true, world.scope());
        rubbish(random, 200);
        Ear server = Ear.to(get(s));
        Ear client = Ear.to(get(c));
        for (int i = 0; i < 200; i++) {
            get(c).send(0, ByteBuffer.allocate(4_000).putInt(0, i));
            rubbish(random, 10);
        }
        for (int i = 0; i < 200; i++) {
            assertEquals(i, ByteBuffer.wrap(server.next()).getInt());
        }
        assertEquals(0, client.broken.get() + server.broken.get());
        assertEquals(null, client.why);
    }

    /** Noise, and what the ends said: cut off, changed, repeated, doubled. */
    private void rubbish(Random random, int n) {
        for (int i = 0; i < n; i++) {
            byte[] d = random.nextBoolean() ? flows.a().last() : flows.b().last();
            switch (d.length == 0 ? 0 : random.nextInt(5)) {
                case 0 -> {
                    d = new byte[random.nextInt(1_500)];
                    random.nextBytes(d);
                }
                case 1 -> d = Arrays.copyOf(d, random.nextInt(d.length));
                case 2 ->
                        d[random.nextInt(Math.min(d.length, 60))] ^=
                                (byte) (1 + random.nextInt(255));
                case 3 -> d = Arrays.copyOf(d, 60_000);
                default -> {}
            }
            (random.nextBoolean() ? flows.a() : flows.b()).inject(d);
        }
    }
}
