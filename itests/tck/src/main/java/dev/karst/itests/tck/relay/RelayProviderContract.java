// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.relay.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link RelayProvider} must do, over a relay on this machine that lets clients talk to
 * 127.0.0.1; the subclass says which one.
 */
@Timeout(60)
public abstract class RelayProviderContract {
    protected final LocalWorld world = LocalWorld.netty();
    private final CoreScope scope = world.scope();

    /** One that the relay serves. */
    protected abstract RelayProvider provider();

    /** One whose credentials the relay refuses. */
    protected abstract RelayProvider impostor();

    /** One whose relay is not there. */
    protected abstract RelayProvider lost();

    @AfterEach
    void close() {
        scope.cancel();
        world.close();
    }

    /** A socket and what it received. */
    private record Side<T extends UdpSocket>(T socket, Postbox box) {}

    private Side<RelaySocket> reserved() {
        return reserved(scope);
    }

    private Side<RelaySocket> reserved(CoreScope in) {
        RelaySocket s = get(provider().reserve(RelayProvider.Family.IPV4, in));
        Postbox box = new Postbox();
        s.start(box);
        return new Side<>(s, box);
    }

    private Side<UdpSocket> peer() {
        UdpSocket s =
                get(
                        scope.network()
                                .bindUdp(
                                        new InetSocketAddress(
                                                InetAddress.getLoopbackAddress(), 0)));
        Postbox box = new Postbox();
        s.start(box);
        return new Side<>(s, box);
    }

    private static byte[] bytes(long seed, int size) {
        byte[] b = new byte[size];
        new Random(seed).nextBytes(b);
        return b;
    }

    private static KarstException failure(CompletionStage<?> stage) {
        var e =
                assertThrows(
                        ExecutionException.class,
                        () -> stage.toCompletableFuture().get(30, TimeUnit.SECONDS));
        KarstException out = assertInstanceOf(KarstException.class, e.getCause());
        assertFalse(out.getMessage().isBlank(), "the reason in words");
        return out;
    }

    @Test
    void datagramsGoBothWays() throws Exception {
        Side<RelaySocket> relay = reserved();
        Side<UdpSocket> peer = peer();
        InetSocketAddress at = peer.socket().local();
        assertNotEquals(0, relay.socket().local().getPort());
        assertTrue(relay.socket().server().getPort() > 0);
        assertTrue(relay.socket().send(at, ByteBuffer.wrap(bytes(1, 100))));
        Postbox.Letter first = peer.box().next();
        assertArrayEquals(bytes(1, 100), first.bytes());
        assertEquals(relay.socket().local(), first.from());
        for (int i = 0; i < 200; i++) { // some before, some after a faster way is agreed on
            byte[] there = bytes(i, 1 + i * 7 % 1300);
            assertTrue(relay.socket().send(at, ByteBuffer.wrap(there)));
            assertArrayEquals(there, peer.box().next().bytes());
            byte[] back = bytes(-i, 1 + i * 11 % 1300);
            assertTrue(peer.socket().send(relay.socket().local(), ByteBuffer.wrap(back)));
            Postbox.Letter got = relay.box().next();
            assertArrayEquals(back, got.bytes());
            assertEquals(at, got.from());
        }
    }

    @Test
    void manyPeersAtOnce() throws Exception {
        Side<RelaySocket> relay = reserved();
        for (int i = 0; i < 80; i++) {
            Side<UdpSocket> peer = peer();
            assertTrue(relay.socket().send(peer.socket().local(), ByteBuffer.wrap(bytes(i, 50))));
            assertArrayEquals(bytes(i, 50), peer.box().next().bytes());
            peer.socket().send(relay.socket().local(), ByteBuffer.wrap(bytes(-i, 60)));
            Postbox.Letter got = relay.box().next();
            assertArrayEquals(bytes(-i, 60), got.bytes());
            assertEquals(peer.socket().local(), got.from());
        }
    }

    @Test
    void twoRelayedAddressesReachEachOther() throws Exception {
        Side<RelaySocket> a = reserved();
        Side<RelaySocket> b = reserved();
        get(b.socket().permit(a.socket().local().getAddress()));
        assertTrue(a.socket().send(b.socket().local(), ByteBuffer.wrap(bytes(1, 500))));
        Postbox.Letter got = b.box().next();
        assertArrayEquals(bytes(1, 500), got.bytes());
        assertEquals(a.socket().local(), got.from());
        assertTrue(b.socket().send(got.from(), ByteBuffer.wrap(bytes(2, 600))));
        assertArrayEquals(bytes(2, 600), a.box().next().bytes());
    }

    @Test
    void onlyWhoIsPermittedComesIn() throws Exception {
        Side<RelaySocket> relay = reserved();
        Side<UdpSocket> peer = peer();
        peer.socket().send(relay.socket().local(), ByteBuffer.wrap(bytes(1, 10)));
        assertNull(relay.box().next(200), "nobody permitted it");
        get(relay.socket().permit(peer.socket().local().getAddress()));
        peer.socket().send(relay.socket().local(), ByteBuffer.wrap(bytes(2, 10)));
        assertArrayEquals(bytes(2, 10), relay.box().next().bytes());
        get(relay.socket().permit(peer.socket().local().getAddress())); // again: no matter
    }

    @Test
    void wrongCredentialsAreSaid() {
        KarstException e = failure(impostor().reserve(RelayProvider.Family.IPV4, scope));
        assertEquals(KarstException.Code.NOT_PERMITTED, e.code(), e.getMessage());
    }

    @Test
    void anAbsentRelayIsSaid() {
        KarstException e = failure(lost().reserve(RelayProvider.Family.IPV4, scope));
        assertEquals(KarstException.Code.UNREACHABLE, e.code(), e.getMessage());
    }

    @Test
    void cancellingWhileItAsksEndsIt() {
        CoreScope own = world.scope();
        CompletionStage<RelaySocket> asked = lost().reserve(RelayProvider.Family.IPV4, own);
        own.cancel();
        failure(asked);
    }

    @Test
    void closingGivesTheAddressBack() throws Exception {
        Side<RelaySocket> relay = reserved();
        Side<UdpSocket> peer = peer();
        get(relay.socket().permit(peer.socket().local().getAddress()));
        InetSocketAddress was = relay.socket().local();
        relay.socket().close();
        relay.socket().close();
        await().atMost(Duration.ofSeconds(5)).until(() -> relay.box().ends() == 1);
        assertFalse(relay.socket().send(peer.socket().local(), ByteBuffer.wrap(bytes(1, 10))));
        failure(relay.socket().permit(InetAddress.getLoopbackAddress()));
        peer.socket().send(was, ByteBuffer.wrap(bytes(1, 10)));
        assertNull(relay.box().next(100));
        assertEquals(1, relay.box().ends());
        assertEquals(0, relay.box().late());
        awaitNoReservations();
    }

    @Test
    void cancellingTheScopeGivesTheAddressBack() {
        CoreScope own = world.scope();
        Side<RelaySocket> relay = reserved(own);
        own.cancel();
        await().atMost(Duration.ofSeconds(5)).until(() -> relay.box().ends() == 1);
        assertFalse(
                relay.socket()
                        .send(
                                new InetSocketAddress("127.0.0.1", 9),
                                ByteBuffer.wrap(bytes(1, 10))));
        awaitNoReservations();
    }

    /** Waits until the relay has no addresses given away; where that can be seen. */
    protected void awaitNoReservations() {}

    @Test
    void oddDatagramsDoNoHarm() throws Exception {
        Side<RelaySocket> relay = reserved();
        Side<UdpSocket> peer = peer();
        InetSocketAddress at = peer.socket().local();
        for (int size : new int[] {0, 70_000, 65_535, 1}) {
            relay.socket().send(at, ByteBuffer.wrap(bytes(size, size)));
        }
        assertFalse(
                relay.socket()
                        .send(new InetSocketAddress(at.getAddress(), 0), ByteBuffer.allocate(4)));
        // Datagrams may be lost, behind such large ones above all: some of these arrive.
        Postbox.Letter got = null;
        for (int i = 0; i < 30 && (got == null || got.bytes().length != 77); i++) {
            assertTrue(relay.socket().send(at, ByteBuffer.wrap(bytes(7, 77))));
            got = peer.box().next(300);
        }
        assertTrue(got != null && got.bytes().length == 77, "nothing came through any more");
        assertThrows(IllegalStateException.class, () -> relay.socket().start(new Postbox()));
    }

    @Test
    void severalReservationsDoNotShareAnAddress() {
        InetSocketAddress a = reserved().socket().local();
        InetSocketAddress b = reserved().socket().local();
        assertNotEquals(a, b);
    }
}
