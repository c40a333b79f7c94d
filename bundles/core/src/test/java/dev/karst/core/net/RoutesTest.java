// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Subscription;
import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.net.TcpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RoutesTest {
    @Test
    void readsTheTablesOfLinux() throws Exception {
        List<Routes.Hop> v4 =
                Routes.parseV4(
                        List.of(
                                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask",
                                "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                                "ppp0\t00000000\t00000000\t0001\t0\t0\t9\t00000000\t0\t0\t0",
                                "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
                                "bad\t00000000\tzz\t0003\t0\t0\t0\t00000000"));
        assertEquals(
                List.of(
                        new Routes.Hop("eth0", Optional.of(InetAddress.getByName("192.0.2.1"))),
                        new Routes.Hop("ppp0", Optional.empty())),
                v4);
        String zero = "0".repeat(32);
        List<Routes.Hop> v6 =
                Routes.parseV6(
                        List.of(
                                zero
                                        + " 00 "
                                        + zero
                                        + " 00 fd000000000000000000000000000001"
                                        + " 00000400 00000003 00000000 00000003     eth0",
                                zero
                                        + " 00 "
                                        + zero
                                        + " 00 "
                                        + zero
                                        + " ffffffff 00000001 00000000 00200200       lo"));
        assertEquals(
                List.of(new Routes.Hop("eth0", Optional.of(InetAddress.getByName("fd00::1")))), v6);
    }

    @Test
    void theRouteOfThisMachineLeavesWithAnAddressOfIts() {
        try (NetRig rig = new NetRig()) {
            for (Gateway g : rig.net.gateways()) {
                assertTrue(
                        rig.net.interfaces().stream()
                                .anyMatch(
                                        i ->
                                                i.name().equals(g.name())
                                                        && i.address().equals(g.local())),
                        g.toString());
            }
        }
    }

    @Test
    void changesAreToldUntilNobodyWatches() {
        try (NetRig rig = new NetRig()) {
            AtomicReference<List<?>> now = new AtomicReference<>(List.of(1));
            AtomicInteger looks = new AtomicInteger();
            Changes changes =
                    new Changes(
                            rig.core,
                            () -> {
                                looks.incrementAndGet();
                                return now.get();
                            });
            List<String> told = new CopyOnWriteArrayList<>();
            Subscription s = changes.watch(() -> told.add("changed"));
            now.set(List.of(2));
            await().until(() -> told.size() == 1);
            s.close();
            int before = looks.get();
            await().until(() -> !changes.running());
            assertFalse(told.size() > 1);
        }
    }

    /** Two connections from one local port to different places, as hole punching needs. */
    @Test
    void aLocalPortServesSeveralConnections() throws Exception {
        try (NetRig rig = new NetRig();
                ServerSocket one = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ServerSocket two = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            List<TcpSocket> open = new ArrayList<>();
            TcpSocket a =
                    NetRig.get(
                            rig.net.connectTcp(
                                    NetRig.loopback(0), NetRig.loopback(one.getLocalPort())));
            open.add(a);
            InetSocketAddress local = a.local();
            TcpSocket b =
                    NetRig.get(rig.net.connectTcp(local, NetRig.loopback(two.getLocalPort())));
            open.add(b);
            assertEquals(local, b.local());
            open.forEach(TcpSocket::close);
        }
    }
}
