// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** IPv6 pinholes. */
class PinholeTest {
    private final Rig rig = new Rig();
    private final FakeGateway router = new FakeGateway("::1");
    private final UpnpMapper mapper = new UpnpMapper(new SearchPlan(router.port(), false));

    @BeforeEach
    void service() {
        router.service = new IgdService("WANIPv6FirewallControl:1");
    }

    @AfterEach
    void stop() {
        router.close();
        rig.close();
    }

    private PortGateway gateway() {
        return Rig.get(mapper.probe(Rig.loopback(router), rig.core)).get(0);
    }

    private PortRequest request(Duration lifetime) {
        return new PortRequest(
                PortRequest.Protocol.TCP,
                new InetSocketAddress(router.address, 7000),
                7000,
                lifetime);
    }

    private PortLease acquire(Duration lifetime) {
        return Rig.get(mapper.acquire(request(lifetime), gateway(), rig.core));
    }

    @Test
    void opensProlongsAndCloses() {
        PortLease lease = acquire(Duration.ofHours(1));
        assertEquals(Optional.of(router.address), lease.external());
        assertEquals(7000, lease.externalPort());
        assertEquals(Duration.ofHours(1), lease.lifetime());
        assertEquals(new IgdService.Row("::1", 7000, 3600, "6"), router.service.pinholes.get(1L));
        assertTrue(lease.state().toString().length() < 300, lease.state().toString());

        PortRequest same = request(Duration.ofHours(1));
        assertEquals(lease, Rig.get(mapper.renew(lease, same, rig.core)));
        router.service.pinholes.clear(); // it restarted
        PortLease again = Rig.get(mapper.renew(lease, same, rig.core));
        assertNotEquals(lease.state(), again.state());
        assertEquals(1, router.service.pinholes.size());
        router.service.working = "0";
        again = Rig.get(mapper.renew(again, same, rig.core));
        assertEquals("3", again.state().get("pinhole"), "what does not work is made anew");

        Rig.get(mapper.release(again, rig.core));
        Rig.get(mapper.release(again, rig.core));
        assertEquals(Map.of(), router.service.pinholes);
    }

    /** miniupnpd gives the ids anew after a restart, and another's is taken for ours. */
    @Test
    void renewsItsOwnPinholeAndNotWhoHasItsIdNow() {
        PortLease lease = acquire(Duration.ofHours(1));
        router.service.pinholes.clear(); // it restarted
        IgdService.Row other = new IgdService.Row("::1", 7001, 60, "17");
        router.service.pinholes.put(1L, other);
        PortLease again = Rig.get(mapper.renew(lease, request(Duration.ofHours(1)), rig.core));
        assertEquals(other, router.service.pinholes.get(1L));
        long id = Long.parseLong(again.state().get("pinhole"));
        assertEquals(7000, router.service.pinholes.get(id).port());
        Rig.get(mapper.release(again, rig.core));
        assertEquals(Map.of(1L, other), router.service.pinholes);
    }

    @Test
    void staysWithinADay() {
        assertEquals(Duration.ofDays(1), acquire(Duration.ofDays(30)).lifetime());
    }

    @Test
    void needsNoPinholeWhereTheFirewallIsOff() {
        PortGateway gateway = gateway();
        router.service.error = 702;
        PortLease lease = Rig.get(mapper.acquire(request(Duration.ofHours(1)), gateway, rig.core));
        assertEquals("none", lease.state().get("pinhole"));
        Rig.get(mapper.release(lease, rig.core));
        assertEquals(Map.of(), router.service.pinholes);
    }

    @Test
    void saysWhenPinholesAreForbidden() {
        PortGateway gateway = gateway();
        router.service.error = 606;
        KarstException e =
                Rig.failure(mapper.acquire(request(Duration.ofHours(1)), gateway, rig.core));
        assertEquals(KarstException.Code.NOT_PERMITTED, e.code());
        router.pages.put(
                "GetFirewallStatus",
                out ->
                        FakeGateway.respond(
                                out,
                                200,
                                "<a><GetFirewallStatusResponse><FirewallEnabled>1"
                                        + "</FirewallEnabled><InboundPinholeAllowed>0"
                                        + "</InboundPinholeAllowed>"
                                        + "</GetFirewallStatusResponse></a>"));
        assertTrue(
                Rig.failure(mapper.probe(Rig.loopback(router), rig.searchesBriefly()))
                        .getMessage()
                        .contains("does not allow pinholes"));
    }

    @Test
    void keepsTheFamiliesApart() {
        PortRequest v4 =
                new PortRequest(
                        PortRequest.Protocol.TCP,
                        new InetSocketAddress("127.0.0.1", 7000),
                        7000,
                        Duration.ofHours(1));
        assertTrue(
                Rig.failure(mapper.acquire(v4, gateway(), rig.core))
                        .getMessage()
                        .contains("maps no IPv4 ports"));
    }
}
