// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import static dev.karst.core.net.NetRig.get;
import static dev.karst.core.net.NetRig.loopback;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class UdpSocketTest {
    private final NetRig rig = new NetRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static final class Box implements UdpSocket.Handler {
        final LinkedBlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<InetSocketAddress> from = new LinkedBlockingQueue<>();
        final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public void datagram(InetSocketAddress sender, ByteBuffer bytes) {
            sizes.add(bytes.remaining());
            from.add(sender);
        }

        @Override
        public void closed() {
            closed.countDown();
        }
    }

    private UdpSocket bind(InetSocketAddress at, Box box) {
        UdpSocket s = get(rig.net.bindUdp(at));
        s.start(box);
        return s;
    }

    @Test
    void carriesAllSizesOverBothFamilies() throws Exception {
        Box box = new Box();
        UdpSocket any = bind(new InetSocketAddress("::", 0), box);
        UdpSocket v4 = bind(loopback(0), new Box());
        UdpSocket v6 = bind(new InetSocketAddress("::1", 0), new Box());
        InetSocketAddress to4 = loopback(any.local().getPort());
        InetSocketAddress to6 = new InetSocketAddress("::1", any.local().getPort());
        for (int size : new int[] {0, 1, 1_200, 65_507}) {
            assertTrue(v4.send(to4, ByteBuffer.allocate(size)), "size " + size);
            assertEquals(size, box.sizes.poll(5, TimeUnit.SECONDS));
            assertEquals(v4.local(), box.from.poll(5, TimeUnit.SECONDS));
            assertTrue(v6.send(to6, ByteBuffer.allocateDirect(size)), "size " + size);
            assertEquals(size, box.sizes.poll(5, TimeUnit.SECONDS));
            assertEquals(v6.local(), box.from.poll(5, TimeUnit.SECONDS));
        }
    }

    /** Two who join a group both hear it: SSDP and PCP announcements have several readers. */
    @Test
    void groupsAreHeardByAllWhoJoin() throws Exception {
        var gateways = rig.net.gateways();
        assumeTrue(!gateways.isEmpty(), "this machine has no route to send a multicast by");
        String name = gateways.get(0).name();
        InetSocketAddress group = new InetSocketAddress("239.255.77.77", 17_777);
        Box one = new Box();
        Box two = new Box();
        get(rig.net.joinGroup(group, name)).start(one);
        get(rig.net.joinGroup(group, name)).start(two);
        UdpSocket from = bind(new InetSocketAddress(gateways.get(0).local(), 0), new Box());
        assertTrue(from.send(group, ByteBuffer.allocate(3)));
        assertEquals(3, one.sizes.poll(5, TimeUnit.SECONDS));
        assertEquals(3, two.sizes.poll(5, TimeUnit.SECONDS));
        assertEquals(from.local(), one.from.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void whatCannotBeSentIsDroppedAndCounted() {
        UdpSocket s = bind(loopback(0), new Box());
        assertFalse(s.send(loopback(9), ByteBuffer.allocate(65_508)));
        assertFalse(
                s.send(InetSocketAddress.createUnresolved("a.example", 1), ByteBuffer.allocate(1)));
        assertFalse(s.send(loopback(0), ByteBuffer.allocate(1)));
        assertEquals(3, rig.counters.get("net.udp-send-failed"));
        // nobody listens there: the answer of the system must not hurt the socket
        Box box = new Box();
        UdpSocket other = bind(loopback(0), box);
        for (int i = 0; i < 10; i++) {
            s.send(loopback(9), ByteBuffer.allocate(1));
        }
        assertTrue(s.send(other.local(), ByteBuffer.allocate(7)));
        await().until(() -> box.sizes.contains(7));
    }

    @Test
    void tellsNothingAfterClosed() throws Exception {
        Box box = new Box();
        UdpSocket s = bind(loopback(0), box);
        assertThrows(IllegalStateException.class, () -> s.start(box));
        s.close();
        s.close();
        assertTrue(box.closed.await(5, TimeUnit.SECONDS));
        assertFalse(s.send(loopback(9), ByteBuffer.allocate(1)));
        UdpSocket again = bind(s.local(), new Box());
        assertTrue(again.send(s.local(), ByteBuffer.allocate(3)));
        assertTrue(box.sizes.isEmpty());
    }

    @Test
    void aHandlerThatThrowsLosesItsSocket() throws Exception {
        UdpSocket s = get(rig.net.bindUdp(loopback(0)));
        CountDownLatch closed = new CountDownLatch(1);
        s.start(
                new UdpSocket.Handler() {
                    @Override
                    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                        throw new NoClassDefFoundError("of a bundle that is gone");
                    }

                    @Override
                    public void closed() {
                        closed.countDown();
                    }
                });
        s.send(s.local(), ByteBuffer.allocate(1));
        assertTrue(closed.await(5, TimeUnit.SECONDS));
        assertEquals(1, rig.counters.get("net.handler-failed"));
    }

    @Test
    void aPortInUseIsAnIoException() {
        UdpSocket s = bind(loopback(0), new Box());
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> rig.net.bindUdp(s.local()).toCompletableFuture().get());
        assertInstanceOf(IOException.class, e.getCause());
    }
}
