// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.net.NetDriver;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Drivers come, go, hang and vanish; the sockets do not notice. */
@Timeout(30)
class DriverMoveTest {
    private final NetRig rig = new NetRig();
    private final LinkedBlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
    private final TcpListener listener = rig.listen(s -> accepted.add(new Peer(s).start()));

    @AfterEach
    void close() {
        rig.close();
    }

    private interface Step {
        void run(SelectorDriver old, SelectorDriver fresh) throws Exception;
    }

    /** Runs 20 changes of driver under a transfer in both directions. */
    private void under20(Step change) throws Exception {
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        CompletableFuture<String> there = sending(a, 1, 60_000_000);
        CompletableFuture<String> back = sending(b, 2, 60_000_000);
        SelectorDriver driver = rig.driver();
        for (int i = 1; i <= 20; i++) {
            long mark = Math.min(60_000_000, b.received.get() + 500_000);
            await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> b.received.get() >= mark);
            SelectorDriver next = new SelectorDriver();
            change.run(driver, next);
            driver.close();
            driver = next;
        }
        String sentThere = there.get(20, TimeUnit.SECONDS);
        String sentBack = back.get(20, TimeUnit.SECONDS);
        a.socket.finish();
        b.socket.finish();
        assertTrue(a.closed.await(10, TimeUnit.SECONDS) && b.closed.await(10, TimeUnit.SECONDS));
        assertEquals(sentThere, b.hash());
        assertEquals(sentBack, a.hash());
        assertEquals(Optional.empty(), a.why);
        assertEquals(0, a.broken.get() + b.broken.get(), "calls that overlapped or came late");
        assertFalse(rig.counters.containsKey("net.task-failed"), rig.counters.toString());
        driver.close();
    }

    private CompletableFuture<String> sending(Peer p, long seed, long total) {
        CompletableFuture<String> result = new CompletableFuture<>();
        rig.executor.execute(
                () -> {
                    try {
                        result.complete(p.send(seed, total));
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                });
        return result;
    }

    @Test
    void sideBySide() throws Exception {
        under20(
                (old, fresh) -> {
                    rig.core.driver(fresh);
                    rig.core.use(fresh);
                    await().pollInterval(1, TimeUnit.MILLISECONDS)
                            .until(() -> rig.core.driven(old) == 0);
                    rig.core.driverGone(old);
                });
    }

    @Test
    void inPlace() throws Exception {
        under20(
                (old, fresh) -> {
                    rig.core.driverGone(old);
                    old.close();
                    rig.core.driver(fresh);
                });
    }

    @Test
    void tornAway() throws Exception {
        under20(
                (old, fresh) -> {
                    old.close(); // dead before anybody was told
                    rig.core.driverGone(old);
                    rig.core.driver(fresh);
                });
    }

    @Test
    void socketsWaitForADriver() throws Exception {
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        UdpSocket udp = NetRig.get(rig.net.bindUdp(NetRig.loopback(0)));
        AtomicInteger datagrams = new AtomicInteger();
        udp.start((from, bytes) -> datagrams.incrementAndGet());
        rig.core.driverGone(rig.driver());

        byte[] much = new byte[10_000_000];
        assertFalse(a.socket.write(ByteBuffer.wrap(much)));
        udp.send(udp.local(), ByteBuffer.wrap(new byte[9]));
        var connecting = rig.net.connectTcp(listener.local()).toCompletableFuture();
        Peer closing = new Peer(b.socket);
        assertEquals(0, b.received.get() + datagrams.get() + closing.received.get());

        try (SelectorDriver next = new SelectorDriver()) {
            rig.core.driver(next);
            await().until(() -> b.received.get() == much.length);
            assertTrue(a.writable.tryAcquire(5, TimeUnit.SECONDS));
            await().until(() -> datagrams.get() == 1);
            NetRig.get(connecting);
            assertEquals(0, a.broken.get() + b.broken.get());
        }
    }

    @Test
    void closeIsToldWithoutADriver() throws Exception {
        Peer a = new Peer(rig.connect(listener)).start();
        accepted.poll(5, TimeUnit.SECONDS);
        rig.core.driverGone(rig.driver());
        a.socket.abort();
        assertTrue(a.closed.await(5, TimeUnit.SECONDS));
    }

    /** A driver that never lets go, and whose code may be gone: then all of it throws. */
    private static final class Hung implements NetDriver {
        private final SelectorDriver inner = new SelectorDriver();
        private volatile boolean gone;

        private void check() {
            if (gone) {
                throw new NoClassDefFoundError("dev/karst/net/gone/Drive");
            }
        }

        @Override
        public Drive drive(SelectableChannel channel, Readiness readiness) {
            Drive d = inner.drive(channel, readiness);
            return new Drive() {
                @Override
                public void interest(int ops) {
                    check();
                    d.interest(ops);
                }

                @Override
                public void execute(Runnable task) {
                    check();
                    d.execute(task);
                }

                @Override
                public boolean inLoop() {
                    check();
                    return d.inLoop();
                }

                @Override
                public CompletionStage<Void> release() {
                    check();
                    return new CompletableFuture<>();
                }
            };
        }
    }

    /** One that turns all sockets already. */
    private Hung hung() {
        Hung hung = new Hung();
        rig.core.use(hung);
        await().until(() -> rig.core.driven(hung) == rig.core.open());
        return hung;
    }

    @Test
    void aDriverThatNeverLetsGoIsLeftBehind() throws Exception {
        Hung hung = hung();
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        CompletableFuture<String> sent = sending(a, 7, 30_000_000);
        long before = System.nanoTime();
        rig.core.driverGone(hung); // back to the first one
        assertTrue(System.nanoTime() - before < 500_000_000, "the caller must not wait");
        String hash = sent.get(10, TimeUnit.SECONDS);
        await().until(() -> b.received.get() == 30_000_000);
        assertEquals(hash, b.hash());
        assertEquals(0, a.broken.get() + b.broken.get(), "calls that overlapped");
        assertTrue(rig.counters.get("net.release-timeout") >= 3, rig.counters.toString());
        hung.inner.close();
    }

    /** The old loop is still inside a handler when the new one begins: one call at a time. */
    @Test
    void twoLoopsAreNeverInsideAtOnce() throws Exception {
        TcpSocket raw = rig.connect(listener);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Peer a =
                new Peer(raw) {
                    @Override
                    void during() {
                        inside.countDown();
                        try {
                            goOn.await(10, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                };
        a.start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        b.socket.write(ByteBuffer.wrap(new byte[100]));
        assertTrue(inside.await(5, TimeUnit.SECONDS));
        try (SelectorDriver next = new SelectorDriver()) {
            rig.core.use(next);
            await().until(() -> rig.core.driven(next) == rig.core.open());
            String sent = b.send(8, 1_000_000);
            Peer other = new Peer(rig.connect(listener)).start(); // the new loop does not hang
            accepted.poll(5, TimeUnit.SECONDS).socket.abort();
            assertTrue(other.closed.await(5, TimeUnit.SECONDS));
            assertEquals(100, a.received.get());
            goOn.countDown();
            await().until(() -> a.received.get() == 1_000_100);
            assertFalse(sent.isEmpty());
            assertEquals(0, a.broken.get(), "calls while another was inside");
            rig.core.driverGone(next);
        }
    }

    /** A driver that takes everything and does nothing. */
    private static final class Mute implements NetDriver, NetDriver.Drive {
        @Override
        public Drive drive(SelectableChannel channel, Readiness readiness) {
            return this;
        }

        @Override
        public void interest(int ops) {}

        @Override
        public void execute(Runnable task) {}

        @Override
        public boolean inLoop() {
            return false;
        }

        @Override
        public CompletionStage<Void> release() {
            return CompletableFuture.completedFuture(null);
        }
    }

    @Test
    void whatADriverDroppedIsDoneByTheNext() throws Exception {
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        b.socket.finish();
        assertTrue(a.finished.await(5, TimeUnit.SECONDS));
        Mute mute = new Mute();
        rig.core.use(mute);
        await().until(() -> rig.core.driven(mute) == rig.core.open());
        a.socket.finish();
        assertEquals(1, a.closed.getCount());
        rig.core.driverGone(mute);
        assertTrue(a.closed.await(5, TimeUnit.SECONDS));
    }

    @Test
    void aDriverWhoseCodeIsGoneIsLeftBehind() throws Exception {
        Hung hung = hung();
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        hung.gone = true;
        hung.inner.close();
        assertTrue(a.socket.write(ByteBuffer.wrap(new byte[100])));
        a.socket.reading(false);
        a.socket.reading(true);
        rig.core.driverGone(hung);
        await().until(() -> b.received.get() == 100);
        b.socket.abort();
        assertTrue(a.closed.await(5, TimeUnit.SECONDS));
    }

    @Test
    void aDriverThatRefusesIsAskedAgain() throws Exception {
        AtomicInteger refusals = new AtomicInteger(3);
        SelectorDriver moody =
                new SelectorDriver() {
                    @Override
                    public Drive drive(SelectableChannel channel, Readiness readiness) {
                        if (refusals.getAndDecrement() > 0) {
                            throw new IllegalStateException("not yet");
                        }
                        return super.drive(channel, readiness);
                    }
                };
        rig.core.use(moody);
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        a.socket.write(ByteBuffer.wrap(new byte[100]));
        await().until(() -> b.received.get() == 100);
        moody.close();
    }

    @Test
    void nothingStandsStillForADriverThatFails() throws Exception {
        Hung hung = hung();
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        hung.gone = true;
        byte[] much = new byte[30_000_000];
        assertFalse(a.socket.write(ByteBuffer.wrap(much)));
        await().until(() -> b.received.get() == much.length);
        hung.gone = false;
        assertFalse(a.socket.write(ByteBuffer.wrap(much)));
        await().until(() -> b.received.get() == 2 * much.length);
        assertTrue(rig.counters.get("net.interest-refused") > 1);
        rig.core.driverGone(hung);
        hung.inner.close();
    }

    @Test
    void nothingOfALeftDriverIsKept() throws Exception {
        Peer a = new Peer(rig.connect(listener)).start();
        Peer b = accepted.poll(5, TimeUnit.SECONDS);
        WeakReference<NetDriver> gone = passing(a);
        await().until(
                        () -> {
                            System.gc();
                            return gone.get() == null;
                        });
        a.socket.write(ByteBuffer.wrap(new byte[1]));
        await().until(() -> b.received.get() == 2);
    }

    private WeakReference<NetDriver> passing(Peer a) {
        SelectorDriver passing = new SelectorDriver();
        rig.core.use(passing);
        a.socket.write(ByteBuffer.wrap(new byte[1]));
        await().until(() -> rig.core.driven(passing) == rig.core.open());
        rig.core.driverGone(passing);
        await().until(() -> rig.core.driven(rig.driver()) == rig.core.open());
        passing.close();
        return new WeakReference<>(passing);
    }

    /** A NAT mapping lives as long as its socket: the port must stay the same. */
    @Test
    void datagramsFlowThroughMoves() throws Exception {
        UdpSocket echo = NetRig.get(rig.net.bindUdp(NetRig.loopback(0)));
        echo.start((from, bytes) -> echo.send(from, bytes));
        UdpSocket pinger = NetRig.get(rig.net.bindUdp(NetRig.loopback(0)));
        LinkedBlockingQueue<Integer> back = new LinkedBlockingQueue<>();
        pinger.start((from, bytes) -> back.add(bytes.getInt()));
        InetSocketAddress port = pinger.local();
        SelectorDriver last = rig.driver();
        for (int i = 0; i < 20; i++) {
            SelectorDriver next = new SelectorDriver();
            for (int j = 0; j < 10; j++) {
                pinger.send(echo.local(), ByteBuffer.allocate(4).putInt(0, i * 10 + j));
                if (j == 5) {
                    rig.core.use(next);
                }
            }
            for (int j = 0; j < 10; j++) {
                assertEquals(i * 10 + j, back.poll(5, TimeUnit.SECONDS), "lost or repeated");
            }
            rig.core.driverGone(last);
            last.close();
            last = next;
        }
        assertEquals(port, pinger.local());
        last.close();
    }
}
