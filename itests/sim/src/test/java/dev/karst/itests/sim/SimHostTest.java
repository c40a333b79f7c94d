// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Subscription;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Addresses, routes, changes of them, multicast, and bursts of loss. */
class SimHostTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final SimWorld w = new SimWorld(1);

    private static UdpSocket.Handler into(List<String> heard) {
        return new UdpSocket.Handler() {
            @Override
            public void datagram(InetSocketAddress from, ByteBuffer bytes) {
                heard.add(Packet.text(from));
            }

            @Override
            public void closed() {}
        };
    }

    @Test
    void whoWatchesHearsOfCablesAndMoves() throws Exception {
        SimHost a = w.host("a");
        SimScope scope = a.scope();
        List<String> seen = new ArrayList<>();
        Subscription s =
                scope.network().onChange(() -> seen.add("" + scope.network().interfaces().size()));
        a.plugged(false);
        assertEquals(List.of(), scope.network().gateways());
        w.run(Duration.ofSeconds(3));
        assertEquals(List.of("1"), seen, "only the loopback is up");
        a.plugged(true);
        w.run(Duration.ofSeconds(3));
        assertEquals(List.of("1", "3"), seen);
        a.move(w.internet(), InetAddress.getByName("192.0.2.77"));
        w.run(Duration.ofSeconds(3));
        assertEquals(List.of("1", "3", "2"), seen);
        assertEquals("192.0.2.77", a.at(1).getAddress().getHostAddress());
        s.close();
        a.plugged(false);
        w.run(Duration.ofSeconds(3));
        assertEquals(3, seen.size());
        scope.network().onChange(() -> seen.add("late"));
        scope.cancel();
        a.plugged(true);
        w.run(Duration.ofSeconds(3));
        assertEquals(3, seen.size(), "a scope that is over is told nothing");
    }

    @Test
    void gatewaysAreThoseOfTheRealm() throws Exception {
        Network there = w.host("a").network();
        assertEquals(2, there.gateways().size());
        assertTrue(there.gateways().get(0).router().isEmpty());
        Realm lan = w.realm("lan");
        InetAddress router = InetAddress.getByName("10.0.0.1");
        lan.gateway(w.host("b"), router);
        SimHost c = w.host("c", lan, InetAddress.getByName("10.0.0.9"));
        Network.Gateway g = c.network().gateways().get(0);
        assertEquals(router, g.router().get());
        assertEquals(c.addresses().get(0), g.local());
    }

    @Test
    void aHostThatMovedIsNotFoundWhereItWas() throws Exception {
        SimHost a = w.host("a");
        SimHost b = w.host("b");
        List<String> heard = new ArrayList<>();
        UdpSocket from = w.await(a.network().bindUdp(a.at(5000)), LIMIT);
        UdpSocket to = w.await(b.network().bindUdp(new InetSocketAddress("::", 6000)), LIMIT);
        to.start(into(heard));
        InetSocketAddress before = b.at(6000);
        b.move(w.internet(), InetAddress.getByName("192.0.2.77"));
        from.send(before, ByteBuffer.allocate(1));
        from.send(b.at(6000), ByteBuffer.allocate(1));
        w.run(Duration.ofSeconds(1));
        assertEquals(1, heard.size());
        a.move(w.internet(), InetAddress.getByName("192.0.2.78"));
        from.send(b.at(6000), ByteBuffer.allocate(1));
        w.run(Duration.ofSeconds(1));
        assertEquals(1, heard.size(), "bound to an address that is gone");
    }

    @Test
    void multicastReachesWhoJoinedInTheSameRealm() throws Exception {
        InetSocketAddress group = new InetSocketAddress("239.255.255.250", 1900);
        Realm lan = w.realm("lan");
        SimHost a = w.host("a", lan, InetAddress.getByName("192.168.1.2"));
        SimHost b = w.host("b", lan, InetAddress.getByName("192.168.1.3"));
        SimHost elsewhere = w.host("c");
        List<String> heard = new ArrayList<>();
        for (SimHost h : List.of(b, b, elsewhere)) {
            w.await(h.network().joinGroup(group, "eth0"), LIMIT).start(into(heard));
        }
        UdpSocket s = w.await(a.network().bindUdp(a.at(5000)), LIMIT);
        s.send(group, ByteBuffer.allocate(3));
        w.run(Duration.ofSeconds(1));
        assertEquals(List.of("192.168.1.2:5000", "192.168.1.2:5000"), heard);
        assertThrows(
                CompletionException.class,
                () -> w.await(a.network().joinGroup(group, "wlan7"), LIMIT));
    }

    @Test
    void lossesComeInBurstsWhenAskedFor() {
        w.defaultProfile(LinkProfile.of(Duration.ofMillis(1)).withBurst(0.01, 0.2, 1));
        SimHost a = w.host("a");
        SimHost b = w.host("b");
        boolean[] got = new boolean[40_000];
        UdpSocket from = w.await(a.network().bindUdp(a.at(5000)), LIMIT);
        w.await(b.network().bindUdp(b.at(6000)), LIMIT)
                .start(
                        new UdpSocket.Handler() {
                            @Override
                            public void datagram(InetSocketAddress who, ByteBuffer bytes) {
                                got[bytes.getInt()] = true;
                            }

                            @Override
                            public void closed() {}
                        });
        for (int i = 0; i < got.length; i++) {
            from.send(b.at(6000), ByteBuffer.allocate(4).putInt(0, i));
            w.run(Duration.ofMillis(1));
        }
        w.run(LIMIT);
        int lost = 0;
        int bursts = 0;
        for (int i = 1; i < got.length; i++) {
            lost += got[i] ? 0 : 1;
            bursts += !got[i] && got[i - 1] ? 1 : 0;
        }
        // bad 1/21 of the time, five packets at a time; wide margins, the seed is fixed
        assertTrue(Math.abs(lost - got.length / 21) < 300, "lost " + lost);
        assertTrue(Math.abs((double) lost / bursts - 5) < 0.8, "mean " + (double) lost / bursts);
        assertFalse(LinkProfile.Burst.NONE.enter() > 0);
    }
}
