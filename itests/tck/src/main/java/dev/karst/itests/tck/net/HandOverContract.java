// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.net.NetDriver;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Twenty changes of driver under the core's sockets, with a transfer in both directions and
 * datagrams that go back and forth: no byte and no datagram is lost, repeated or out of place.
 */
@Timeout(60)
public abstract class HandOverContract {
    private static final int CHANGES = 20;
    private static final long BYTES = 64L * 1024 * 1024;

    private final LocalWorld world = LocalWorld.undriven();
    private final Network net = world.scope().network();

    /** A new driver that runs. */
    protected abstract NetDriver newDriver();

    /** Stops it as its bundle's end would. */
    protected abstract void stop(NetDriver driver);

    @AfterEach
    void close() {
        world.close();
    }

    private interface Change {
        void from(NetDriver old, NetDriver next);
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress("127.0.0.1", 0);
    }

    private void run(Change change) throws Exception {
        NetDriver driver = newDriver();
        world.core().driver(driver);
        long seed = System.nanoTime();
        String told = "seed " + seed;

        CompletableFuture<TcpSocket> accepted = new CompletableFuture<>();
        TcpListener listener = get(net.listenTcp(loopback(), accepted::complete));
        Flow a = new Flow(get(net.connectTcp(listener.local())), BYTES, seed + 1);
        Flow b = new Flow(get(accepted), BYTES, seed);
        a.send(seed);
        b.send(seed + 1);

        UdpSocket echo = get(net.bindUdp(loopback()));
        echo.start(echo::send);
        UdpSocket pinger = get(net.bindUdp(loopback()));
        InetSocketAddress mapping = pinger.local();
        LinkedBlockingQueue<Integer> pongs = new LinkedBlockingQueue<>();
        pinger.start((from, bytes) -> pongs.add(bytes.getInt()));

        int ping = 0;
        for (int i = 1; i <= CHANGES; i++) {
            long mark = BYTES * i / (CHANGES + 2);
            await().pollInterval(1, TimeUnit.MILLISECONDS)
                    .until(() -> b.received() >= mark || b.done().isDone());
            NetDriver next = newDriver();
            for (int k = 0; k < 8; k++) {
                assertTrue(pinger.send(echo.local(), ByteBuffer.allocate(4).putInt(0, ping + k)));
                if (k == 3) {
                    change.from(driver, next);
                }
            }
            for (int k = 0; k < 8; k++) {
                assertEquals(ping++, pongs.poll(5, TimeUnit.SECONDS), told);
            }
            driver = next;
        }
        a.done().get(30, TimeUnit.SECONDS);
        b.done().get(30, TimeUnit.SECONDS);
        assertTrue(pongs.isEmpty(), told);
        assertEquals(mapping, pinger.local());
        assertEquals(0, world.count("net.release-timeout"), world.counts());
        world.core().close();
        stop(driver);
    }

    /** The new one beside the old one, as an operator does it. */
    @Test
    void sideBySide() throws Exception {
        run(
                (old, next) -> {
                    world.core().driver(next);
                    world.core().use(next);
                    await().pollInterval(1, TimeUnit.MILLISECONDS)
                            .until(() -> world.core().driven(old) == 0);
                    world.core().driverGone(old);
                    stop(old);
                });
    }

    /** The old one leaves first, as in {@code bundle:update}. */
    @Test
    void inPlace() throws Exception {
        run(
                (old, next) -> {
                    world.core().driverGone(old);
                    stop(old);
                    world.core().driver(next);
                });
    }

    /** The old one is dead before the core is told. */
    @Test
    void abandoned() throws Exception {
        run(
                (old, next) -> {
                    stop(old);
                    world.core().driverGone(old);
                    world.core().driver(next);
                });
    }
}
