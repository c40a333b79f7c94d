// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import static dev.karst.core.net.NetRig.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TcpSocketTest {
    private static final byte[] BLOCK = new byte[64 * 1024];

    private final NetRig rig = new NetRig();
    private final LinkedBlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
    private final TcpListener listener =
            rig.listen(
                    s -> {
                        Peer p = new Peer(s);
                        p.start();
                        accepted.add(p);
                    });

    @AfterEach
    void close() {
        rig.close();
    }

    private Peer accepted() throws InterruptedException {
        Peer p = accepted.poll(5, TimeUnit.SECONDS);
        assertTrue(p != null, "nothing was accepted");
        return p;
    }

    private Peer connect() {
        return new Peer(rig.connect(listener)).start();
    }

    private static boolean closed(Peer p) throws InterruptedException {
        return p.closed.await(5, TimeUnit.SECONDS);
    }

    @Test
    void endsWhenItsAddressIsGone() throws Exception {
        Peer a = connect();
        accepted();
        CoreTcpSocket socket = (CoreTcpSocket) a.socket;
        socket.present(Set.of(socket.local().getAddress()));
        rig.core.changed(); // does not touch what stays on this machine
        assertEquals(1, a.closed.getCount());
        socket.present(Set.of());
        assertTrue(closed(a));
        assertTrue(a.why.toString().contains("no address"), () -> "" + a.why);
    }

    @Test
    void carriesBothDirectionsAndEndsInOrder() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        assertEquals(listener.local(), a.socket.remote());
        assertEquals(a.socket.local(), b.socket.remote());
        CompletableFuture<String> back = new CompletableFuture<>();
        rig.executor.execute(
                () -> {
                    try {
                        back.complete(b.send(2, 8_000_000));
                        b.socket.finish();
                    } catch (Throwable e) {
                        back.completeExceptionally(e);
                    }
                });
        String there = a.send(1, 8_000_000);
        a.socket.finish();
        assertTrue(closed(a) && closed(b), () -> "not closed: " + a.why + b.why);
        assertEquals(there, b.hash());
        assertEquals(back.get(5, TimeUnit.SECONDS), a.hash());
        assertEquals(Optional.empty(), a.why);
        assertEquals(Optional.empty(), b.why);
        assertEquals(0, a.broken.get() + b.broken.get());
        await().until(() -> rig.core.open() == 1); // the listener
    }

    @Test
    void halfCloseLeavesTheOtherDirectionOpen() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        a.socket.finish();
        assertTrue(b.finished.await(5, TimeUnit.SECONDS));
        String sent = b.send(3, 300_000);
        await().until(() -> a.received.get() == 300_000);
        assertEquals(sent, a.hash());
        assertFalse(a.socket.write(ByteBuffer.wrap(BLOCK)), "nothing may follow the end");
        assertEquals(1, a.closed.getCount());
        b.socket.finish();
        assertTrue(closed(a) && closed(b));
    }

    @Test
    void backPressureReachesTheWriterAndLetsGo() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        b.socket.reading(false);
        long written = 0;
        boolean room = true;
        for (int i = 0; room && i < 2_000; i++) {
            room = a.socket.write(ByteBuffer.wrap(BLOCK));
            written += BLOCK.length;
        }
        assertFalse(room, "a reader that does not read must be felt");
        assertEquals(0, a.writable.availablePermits());
        b.socket.reading(true);
        assertTrue(a.writable.tryAcquire(5, TimeUnit.SECONDS));
        long all = written;
        await().until(() -> b.received.get() == all);
        assertTrue(a.socket.write(ByteBuffer.wrap(BLOCK)));
    }

    @Test
    void endsAboveTheHardLimit() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        b.socket.reading(false);
        for (int i = 0; a.closed.getCount() > 0 && i < 3_000; i++) {
            a.socket.write(ByteBuffer.wrap(BLOCK));
        }
        assertTrue(closed(a));
        assertTrue(a.why.orElseThrow().getMessage().contains("32 MiB"), a.why.toString());
    }

    @Test
    void closeSendsWhatWaits() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        b.socket.reading(false);
        String sent = a.send(4, 200_000); // below the mark: nobody waits for room
        a.socket.close();
        assertFalse(a.socket.write(ByteBuffer.wrap(BLOCK)));
        b.socket.reading(true);
        assertTrue(b.finished.await(5, TimeUnit.SECONDS));
        assertEquals(sent, b.hash());
        b.socket.close();
        assertTrue(closed(a) && closed(b));
        assertEquals(Optional.empty(), a.why);
    }

    @Test
    void closeDoesNotWaitForAPeerThatStays() throws Exception {
        Peer a = connect();
        accepted();
        a.socket.close();
        a.socket.close();
        assertTrue(closed(a), "a second is the limit");
        assertEquals(Optional.empty(), a.why);
    }

    @Test
    void abortResets() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        a.socket.abort();
        a.socket.abort();
        assertTrue(closed(a) && closed(b));
        assertInstanceOf(IOException.class, b.why.orElseThrow());
        assertEquals(0, a.broken.get() + b.broken.get());
    }

    @Test
    void aHandlerThatThrowsLosesItsSocketOnly() throws Exception {
        Peer a = connect();
        Peer b = accepted();
        CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();
        TcpSocket bad = rig.connect(listener);
        Peer victim = accepted();
        bad.start(
                new Peer(bad) {
                    @Override
                    public void bytes(ByteBuffer bytes) {
                        throw new NoClassDefFoundError("of a bundle that is gone");
                    }

                    @Override
                    public void closed(Optional<Throwable> reason) {
                        end.complete(reason);
                    }
                });
        victim.socket.write(ByteBuffer.wrap(BLOCK));
        assertTrue(end.get(5, TimeUnit.SECONDS).isPresent());
        assertEquals(1, rig.counters.get("net.handler-failed"));
        String sent = a.send(5, 100_000);
        await().until(() -> b.received.get() == 100_000);
        assertEquals(sent, b.hash());
    }

    @Test
    void anAcceptorThatThrowsLosesThatSocketOnly() throws Exception {
        TcpListener bad =
                rig.listen(
                        s -> {
                            throw new IllegalStateException("no");
                        });
        for (int i = 1; i <= 2; i++) {
            int n = i;
            rig.net.connectTcp(bad.local()); // may be reset before it is connected
            await().until(() -> rig.counters.getOrDefault("net.acceptor-failed", 0) == n);
        }
    }

    @Test
    void readsNothingBeforeStartAndStartsOnce() throws Exception {
        Peer a = new Peer(rig.connect(listener));
        Peer b = accepted();
        b.send(6, 1_000);
        a.start();
        await().until(() -> a.received.get() == 1_000);
        assertThrows(IllegalStateException.class, a::start);
    }

    @Test
    void whoStartsLateIsToldOfTheEnd() throws Exception {
        Peer a = new Peer(rig.connect(listener));
        a.socket.abort();
        await().until(() -> rig.core.open() == 1); // the listener
        a.start();
        assertTrue(closed(a));
    }

    @Test
    void failuresAreIoExceptions() throws Exception {
        TcpListener gone = rig.listen(TcpSocket::close);
        gone.close();
        await().until(() -> rig.core.open() == 1);
        assertIo(rig.net.connectTcp(gone.local()).toCompletableFuture());
        assertIo(
                rig.net
                        .connectTcp(InetSocketAddress.createUnresolved("a.example", 1))
                        .toCompletableFuture());
        assertIo(rig.net.listenTcp(listener.local(), s -> {}).toCompletableFuture());
        assertIo(rig.net.resolve("").toCompletableFuture());
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> rig.net.resolve("no-such-host.invalid").toCompletableFuture().get());
        assertInstanceOf(UnknownHostException.class, e.getCause());
    }

    private static void assertIo(CompletableFuture<?> f) {
        var e = assertThrows(ExecutionException.class, () -> f.get(5, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, e.getCause());
    }

    @Test
    void aPortIsFreeRightAfterClose() {
        TcpListener l = rig.listen(TcpSocket::close);
        for (int i = 0; i < 20; i++) {
            l.close();
            l = get(rig.net.listenTcp(l.local(), TcpSocket::close));
        }
    }

    @Test
    void anOwnersSocketsEndWithIt() throws Exception {
        SocketOwner scope = new SocketOwner();
        SocketOwner other = new SocketOwner();
        Peer a = new Peer(get(rig.core.scoped(scope).connectTcp(listener.local()))).start();
        Peer kept = new Peer(get(rig.core.scoped(scope).connectTcp(listener.local()))).start();
        assertEquals(2, scope.size());
        assertTrue(other.adopt(kept.socket));
        scope.close();
        assertTrue(closed(a));
        assertEquals(1, kept.closed.getCount());
        assertEquals(1, other.size());
        assertFalse(scope.adopt(kept.socket));
        assertTrue(other.release(kept.socket));
        other.close();
        assertEquals(1, kept.closed.getCount());
        assertIo(rig.core.scoped(scope).connectTcp(listener.local()).toCompletableFuture());
        assertIo(rig.core.scoped(scope).bindUdp(NetRig.loopback(0)).toCompletableFuture());
    }

    @Test
    void resolvesLiteralsAtOnceAndNamesToo() throws Exception {
        assertEquals(
                InetAddress.getByName("::1"),
                rig.net.resolve("[::1]").toCompletableFuture().getNow(null).get(0));
        assertEquals(
                InetAddress.getByName("192.0.2.7"),
                rig.net.resolve("192.0.2.7").toCompletableFuture().getNow(null).get(0));
        assertTrue(get(rig.net.resolve("localhost")).get(0).isLoopbackAddress());
        var all = rig.net.interfaces();
        assertTrue(all.get(all.size() - 1).address().isLoopbackAddress(), all.toString());
        assertTrue(
                all.stream()
                        .noneMatch(
                                i ->
                                        i.address().isLinkLocalAddress()
                                                && i.address() instanceof java.net.Inet6Address));
    }
}
