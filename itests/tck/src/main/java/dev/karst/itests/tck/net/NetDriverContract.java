// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.net.NetDriver;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link NetDriver} must do by itself; {@link HandOverContract} has the rest. */
@Timeout(30)
public abstract class NetDriverContract {
    private final List<SelectableChannel> channels = new ArrayList<>();
    private NetDriver driver;

    /** A new driver that runs. */
    protected abstract NetDriver newDriver();

    /** Stops it as its bundle's end would. */
    protected abstract void stop(NetDriver driver);

    @BeforeEach
    void begin() {
        driver = newDriver();
    }

    @AfterEach
    void end() throws IOException {
        stop(driver);
        for (SelectableChannel c : channels) {
            c.close();
        }
    }

    private Pipe pipe() throws IOException {
        Pipe p = Pipe.open();
        p.source().configureBlocking(false);
        channels.add(p.source());
        channels.add(p.sink());
        return p;
    }

    private static void fill(Pipe p) throws IOException {
        p.sink().write(ByteBuffer.wrap(new byte[] {1}));
    }

    private Told drive(SelectableChannel c) {
        return drive(driver, c);
    }

    private static Told drive(NetDriver by, SelectableChannel c) {
        Told t = new Told();
        t.drive = by.drive(c, t);
        return t;
    }

    /** Everything that was asked of the loop before is done. */
    private static void settle(Told t) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            CountDownLatch done = new CountDownLatch(1);
            t.drive.execute(done::countDown);
            assertTrue(done.await(5, TimeUnit.SECONDS), "execute() does not run tasks");
        }
    }

    @Test
    void tellsNothingThatNobodyAskedFor() throws Exception {
        Pipe p = pipe();
        fill(p);
        Told t = drive(p.source());
        settle(t);
        assertTrue(t.calls.isEmpty(), "the interest set is empty at first");
        t.drive.interest(SelectionKey.OP_READ);
        assertEquals(SelectionKey.OP_READ, t.next());
        settle(t);
        assertTrue(t.calls.isEmpty(), "interest went back to none");
    }

    @Test
    void isLevelTriggered() throws Exception {
        Pipe p = pipe();
        Told t = drive(p.source());
        fill(p);
        for (int i = 0; i < 100; i++) {
            t.drive.interest(SelectionKey.OP_READ);
            assertEquals(SelectionKey.OP_READ, t.next(), "the byte is still there");
        }
        assertEquals(0, t.broken.get(), "calls overlapped, or came outside the loop");
    }

    @Test
    void knowsAllOperations() throws Exception {
        ServerSocketChannel server = ServerSocketChannel.open();
        channels.add(server);
        server.bind(new InetSocketAddress("127.0.0.1", 0));
        server.configureBlocking(false);
        Told accept = drive(server);
        accept.drive.interest(SelectionKey.OP_ACCEPT);

        SocketChannel client = SocketChannel.open();
        channels.add(client);
        client.configureBlocking(false);
        client.connect(server.getLocalAddress());
        Told connect = drive(client);
        connect.drive.interest(SelectionKey.OP_CONNECT);
        assertEquals(SelectionKey.OP_CONNECT, connect.next());
        assertTrue(client.finishConnect());
        assertEquals(SelectionKey.OP_ACCEPT, accept.next());
        channels.add(server.accept());

        connect.drive.interest(SelectionKey.OP_WRITE | SelectionKey.OP_READ);
        assertEquals(SelectionKey.OP_WRITE, connect.next());
    }

    @Test
    void runsTasksInOrderInTheLoopOfTheChannel() throws Exception {
        Told t = drive(pipe().source());
        List<Integer> ran = new ArrayList<>(); // in the loop only
        List<Boolean> inLoop = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            int n = i;
            t.drive.execute(
                    () -> {
                        ran.add(n);
                        inLoop.add(t.drive.inLoop());
                    });
        }
        settle(t);
        for (int i = 0; i < 1_000; i++) {
            assertEquals(i, ran.get(i));
        }
        assertFalse(inLoop.contains(false));
        assertFalse(t.drive.inLoop());
    }

    @Test
    void releaseGivesTheChannelBackOpen() throws Exception {
        Pipe p = pipe();
        Told t = drive(p.source());
        settle(t);
        t.drive.interest(SelectionKey.OP_READ);
        get(t.drive.release());
        assertTrue(p.source().isOpen());
        assertFalse(p.source().isRegistered(), "a selector still holds it");
        fill(p);
        NetDriver other = newDriver();
        Told next = drive(other, p.source());
        next.drive.interest(SelectionKey.OP_READ);
        assertEquals(SelectionKey.OP_READ, next.next());
        assertTrue(t.calls.isEmpty(), "told after release");
        get(next.drive.release());
        Told back = drive(p.source());
        back.drive.interest(SelectionKey.OP_READ);
        assertEquals(SelectionKey.OP_READ, back.next(), "may come back to a driver it was with");
        stop(other);
    }

    @Test
    void releaseWaitsForTheCallThatIsUnderWay() throws Exception {
        Pipe p = pipe();
        Told t = drive(p.source());
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        t.during =
                () -> {
                    inside.countDown();
                    try {
                        goOn.await(10, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                };
        fill(p);
        t.drive.interest(SelectionKey.OP_READ);
        assertTrue(inside.await(5, TimeUnit.SECONDS));
        var released = t.drive.release().toCompletableFuture();
        assertFalse(released.isDone());
        goOn.countDown();
        get(released);
    }

    @Test
    void releaseDropsTasksThatComeLater() throws Exception {
        Told t = drive(pipe().source());
        Told other = drive(pipe().source());
        get(t.drive.release());
        List<String> ran = new ArrayList<>();
        try {
            t.drive.execute(() -> ran.add("late"));
            t.drive.interest(SelectionKey.OP_READ);
        } catch (RuntimeException e) {
            // as good
        }
        settle(other);
        assertTrue(ran.isEmpty());
        get(t.drive.release()); // twice is once
    }

    @Test
    void aChannelThatTheCoreClosesHurtsNoOther() throws Exception {
        List<Told> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(drive(pipe().source()));
        }
        channels.get(2).close();
        all.get(1).drive.interest(SelectionKey.OP_READ);
        get(all.get(1).drive.release());
        for (int i = 0; i < 8; i++) {
            if (i != 1) {
                ((Pipe.SinkChannel) channels.get(2 * i + 1)).write(ByteBuffer.wrap(new byte[] {1}));
                all.get(i).drive.interest(SelectionKey.OP_READ);
                assertEquals(SelectionKey.OP_READ, all.get(i).next());
            }
        }
    }

    @Test
    void stopGivesBackEverythingAndLeavesNoThread() throws Exception {
        Set<Thread> before = threads();
        NetDriver d = newDriver();
        List<Told> all = new ArrayList<>();
        List<Pipe> pipes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Pipe p = pipe();
            pipes.add(p);
            all.add(drive(d, p.source()));
            all.get(i).drive.interest(SelectionKey.OP_READ);
            settle(all.get(i));
        }
        Set<Thread> own = threads();
        own.removeAll(before);
        assertFalse(own.isEmpty(), "the test sees the driver's threads");
        stop(d);
        stop(d);
        assertThrows(IllegalStateException.class, () -> d.drive(pipe().source(), ops -> {}));
        own.forEach(t -> assertFalse(t.isAlive(), "still alive: " + t));
        for (int i = 0; i < 8; i++) {
            assertTrue(pipes.get(i).source().isOpen());
            assertFalse(pipes.get(i).source().isRegistered());
            fill(pipes.get(i));
            get(all.get(i).drive.release());
            assertTrue(all.get(i).calls.isEmpty());
        }
        Set<Thread> after = threads();
        after.removeAll(before);
        assertTrue(after.isEmpty(), () -> "started by stopping: " + after);
    }

    private static Set<Thread> threads() {
        Set<Thread> all = new HashSet<>(Thread.getAllStackTraces().keySet());
        all.removeIf(
                t ->
                        t.isDaemon()
                                && t.getThreadGroup() != null
                                && t.getThreadGroup().getParent() == null); // the JVM's own
        return all;
    }

    @Test
    void nothingKeepsAStoppedDriver() throws Exception {
        Pipe p = pipe();
        WeakReference<NetDriver> gone = passing(p);
        await().until(
                        () -> {
                            System.gc();
                            return gone.get() == null;
                        });
        assertTrue(p.source().isOpen());
    }

    private WeakReference<NetDriver> passing(Pipe p) throws Exception {
        NetDriver d = newDriver();
        Told t = drive(d, p.source());
        settle(t);
        get(t.drive.release());
        stop(d);
        return new WeakReference<>(d);
    }
}
