// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.awaitility.Awaitility.await;

import dev.karst.Subscription;
import dev.karst.spi.portmap.PortGateway;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway that restarts, heard through the real group on the loopback interface. */
class WatchTest {
    private static final String IGD = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";

    private final Rig rig = new Rig();
    private final AtomicInteger forgotten = new AtomicInteger();
    private SearchPlan plan;
    private DatagramSocket router;
    private Subscription watch;

    @BeforeEach
    void start() throws Exception {
        try (DatagramSocket free = new DatagramSocket(0)) {
            plan = new SearchPlan(free.getLocalPort(), false);
        }
        router = socket("127.0.0.1");
        Control control =
                new Control(
                        HttpUrl.parse("http://127.0.0.1:80/ctl"),
                        ServiceKind.named("WANIPConnection:1").orElseThrow(),
                        InetAddress.getByName("127.0.0.1"),
                        "lo",
                        "abc",
                        "7");
        watch =
                new UpnpMapper(plan)
                        .watch(
                                new PortGateway("x", Optional.empty(), control.state()),
                                forgotten::incrementAndGet,
                                rig.searchesBriefly());
        await().until(() -> rig.sockets() == 1);
    }

    @AfterEach
    void stop() {
        router.close();
        rig.close();
    }

    private static DatagramSocket socket(String address) throws Exception {
        DatagramSocket s = new DatagramSocket(new InetSocketAddress(address, 0));
        s.setOption(StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByName("lo"));
        return s;
    }

    private void notify(DatagramSocket from, String type, String what, String more)
            throws Exception {
        String text =
                "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: "
                        + (type + "\r\nNTS: " + what + "\r\n" + more + "\r\n");
        byte[] b = text.getBytes(StandardCharsets.US_ASCII);
        from.send(new DatagramPacket(b, b.length, plan.news(false)));
    }

    private void tellsOf(int news) {
        await().until(() -> forgotten.get() == news);
        await().during(Duration.ofMillis(100)).until(() -> forgotten.get() == news);
    }

    @Test
    void hearsItGoAndComeBack() throws Exception {
        notify(router, IGD, "ssdp:alive", "BOOTID.UPNP.ORG: 7\r\n");
        tellsOf(0);
        for (int i = 0; i < 10; i++) {
            notify(router, IGD, "ssdp:byebye", "");
        }
        tellsOf(1);
        notify(router, IGD, "ssdp:alive", "BOOTID.UPNP.ORG: 8\r\n");
        tellsOf(2);
        notify(router, IGD, "ssdp:alive", "BOOTID.UPNP.ORG: 9\r\n");
        tellsOf(3);
        notify(router, IGD, "ssdp:alive", "BOOTID.UPNP.ORG: 9\r\n");
        tellsOf(3);
        watch.close();
        await().until(() -> rig.sockets() == 0);
    }

    @Test
    void knowsWhatIsNoRestart() throws Exception {
        notify(router, IGD, "ssdp:update", "BOOTID.UPNP.ORG: 7\r\nNEXTBOOTID.UPNP.ORG: 8\r\n");
        notify(router, IGD, "ssdp:alive", "BOOTID.UPNP.ORG: 8\r\n");
        notify(router, "urn:schemas-upnp-org:device:MediaServer:1", "ssdp:byebye", "");
        notify(router, IGD, "ssdp:propchange", "");
        try (DatagramSocket other = socket("127.0.0.2")) {
            notify(other, IGD, "ssdp:byebye", "");
        }
        tellsOf(0);
        notify(router, "upnp:rootdevice", "ssdp:byebye", "USN: uuid:ABC::upnp:rootdevice\r\n");
        tellsOf(1);
    }

    @Test
    void isSilentAfterItsEnd() throws Exception {
        notify(router, IGD, "ssdp:byebye", "");
        rig.core.cancel();
        tellsOf(0);
        await().until(() -> rig.sockets() == 0);
    }
}
