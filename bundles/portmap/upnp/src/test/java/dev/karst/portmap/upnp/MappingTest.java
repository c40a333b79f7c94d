// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** IPv4 mappings, with the habits that routers have. */
class MappingTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final Rig rig = new Rig();
    private final FakeGateway router = new FakeGateway("127.0.0.1");
    private final UpnpMapper mapper = new UpnpMapper(new SearchPlan(router.port(), false));

    @AfterEach
    void stop() {
        router.close();
        rig.close();
    }

    private PortGateway gateway() {
        return Rig.get(mapper.probe(Rig.loopback(router), rig.core)).get(0);
    }

    private PortRequest request() {
        return new PortRequest(
                PortRequest.Protocol.UDP, new InetSocketAddress(router.address, 4001), 4002, HOUR);
    }

    private PortLease acquire() {
        return Rig.get(mapper.acquire(request(), gateway(), rig.core));
    }

    private KarstException refused() {
        return Rig.failure(mapper.acquire(request(), gateway(), rig.core));
    }

    private IgdService.Row row(int port) {
        return router.service.rows.get("UDP " + port);
    }

    private void another(int port) {
        router.service.rows.put("UDP " + port, new IgdService.Row("127.0.0.9", 9, 0, "x"));
    }

    @Test
    void mapsRenewsAndReleases() throws Exception {
        PortLease lease = acquire();
        assertEquals(4002, lease.externalPort());
        assertEquals(HOUR, lease.lifetime());
        assertEquals(Optional.of(InetAddress.getByName("45.45.0.1")), lease.external());
        assertEquals(new IgdService.Row("127.0.0.1", 4001, 3600, "karst UDP 4001"), row(4002));
        assertTrue(lease.state().toString().length() < 300, lease.state().toString());

        PortLease longer = Rig.get(mapper.renew(lease, request(), rig.core));
        assertEquals(lease, longer, "the same port");
        assertEquals(1, router.service.rows.size());
        router.service.rows.clear(); // it restarted
        assertEquals(lease, Rig.get(mapper.renew(lease, request(), rig.core)));
        assertEquals(1, router.service.rows.size());

        Rig.get(mapper.release(lease, rig.core));
        assertEquals(Map.of(), router.service.rows);
        Rig.get(mapper.release(lease, rig.core));
        await().until(() -> rig.sockets() == 0);
    }

    @Test
    void leavesTheMappingOfAnotherAlone() {
        PortLease lease = acquire();
        router.service.rows.clear();
        another(4002);
        Rig.get(mapper.release(lease, rig.core));
        assertEquals("127.0.0.9", row(4002).client());
        PortLease renewed = Rig.get(mapper.renew(lease, request(), rig.core));
        assertNotEquals(4002, renewed.externalPort());
    }

    @Test
    void asksBackHowLongALeaseIs() {
        router.service.longestLease = 120;
        assertEquals(Duration.ofSeconds(120), acquire().lifetime());
        router.service.rows.clear();
        router.service.longestLease = 0;
        PortLease forEver = acquire();
        assertEquals(Duration.ZERO, forEver.lifetime());
        assertEquals("true", forEver.state().get(Mapping.PERMANENT));
    }

    @Test
    void takesPermanentLeasesWhereThereAreNoOthers() {
        router.service.permanentOnly = true;
        PortLease lease = acquire();
        assertEquals(Duration.ZERO, lease.lifetime());
        assertEquals("true", lease.state().get(Mapping.PERMANENT));
        long asked = router.count("AddPortMapping");
        assertEquals(2, asked);
        Rig.get(mapper.renew(lease, request(), rig.core));
        assertEquals(asked + 1, router.count("AddPortMapping"), "known by now");
    }

    @Test
    void takesAnotherPortWhereItIsTaken() {
        another(4002);
        PortLease lease = acquire();
        assertNotEquals(4002, lease.externalPort());
        assertEquals(4001, row(lease.externalPort()).port());
        assertEquals("127.0.0.9", row(4002).client());
    }

    @Test
    void letsTheGatewayChooseThePort() {
        router.service = new IgdService("WANIPConnection:2");
        another(4002);
        assertEquals(50001, acquire().externalPort());
        router.service.rows.clear();
        another(4002);
        another(50001);
        assertTrue(acquire().externalPort() >= 20_000, "or by chance");
    }

    @Test
    void givesUpWhenEveryPortIsTaken() {
        router.service.error = 718;
        KarstException e = refused();
        assertEquals(KarstException.Code.LIMIT, e.code());
        assertTrue(e.getMessage().contains("port is taken (718"), e.getMessage());
        assertEquals(6, router.count("AddPortMapping"));
    }

    @Test
    void takesOverItsOwnOldMapping() {
        router.service.refusesOwn = true;
        router.service.rows.put("UDP 4002", new IgdService.Row("127.0.0.1", 4001, 9, "karst"));
        assertEquals(4002, acquire().externalPort());
        assertEquals(3600, row(4002).lease());
        assertEquals(1, router.service.rows.size());
    }

    @Test
    void keepsPortsTheSameWhereTheyMustBe() {
        router.service.samePortsOnly = true;
        assertEquals(4001, acquire().externalPort());
        router.service.rows.clear();
        another(4001);
        assertTrue(refused().getMessage().contains("(718"));
    }

    @Test
    void doesNotBelieveASuccessThatIsNone() {
        another(4002);
        router.pages.put("AddPortMapping", out -> FakeGateway.respond(out, 200, ""));
        router.pages.put(
                "GetSpecificPortMappingEntry",
                out ->
                        FakeGateway.respond(
                                out,
                                200,
                                "<GetSpecificPortMappingEntryResponse><NewInternalClient>127.0.0.9"
                                        + "</NewInternalClient><NewInternalPort>9</NewInternalPort>"
                                        + "</GetSpecificPortMappingEntryResponse>"));
        KarstException e = refused();
        assertTrue(e.getMessage().contains("leads to 127.0.0.9:9"), e.getMessage());
        assertEquals(6, rig.count("portmap.upnp.lied"));
        assertEquals(6, router.count("AddPortMapping"));
    }

    @Test
    void livesWithAGatewayThatTellsNothing() {
        router.pages.put("GetSpecificPortMappingEntry", out -> FakeGateway.respond(out, 404, ""));
        router.pages.put("AddPortMapping", out -> FakeGateway.respond(out, 200, ""));
        router.pages.put("GetExternalIPAddress", out -> FakeGateway.respond(out, 500, "<"));
        PortLease lease = acquire();
        assertEquals(HOUR, lease.lifetime());
        assertEquals(Optional.empty(), lease.external());
        assertEquals(1, rig.count("portmap.upnp.unverified"));
    }

    @Test
    void releasesWhatTheGatewayDoesNotTell() {
        PortLease lease = acquire();
        router.pages.put(
                "GetSpecificPortMappingEntry",
                out -> FakeGateway.respond(out, 500, "<a><Fault/><errorCode>714</errorCode></a>"));
        Rig.get(mapper.release(lease, rig.core));
        assertEquals(Map.of(), router.service.rows);
    }

    @Test
    void saysWhatTheGatewaySaid() {
        for (int code : List.of(501, 606, 714, 715, 716, 726, 727, 728, 729, 732, 999)) {
            router.service.error = code;
            String said = refused().getMessage();
            assertTrue(said.contains("(" + code + " so says the fake"), said);
            assertTrue(said.length() < 220, said);
            assertFalse(said.chars().anyMatch(c -> c < ' '), said);
        }
    }

    @Test
    void findsAGatewayThatMoved() {
        PortLease lease = acquire();
        String old = lease.state().get("control");
        router.pages.put(
                "/desc.xml",
                out -> FakeGateway.respond(out, 200, router.description("/elsewhere")));
        router.pages.put("/ctl#AddPortMapping", out -> FakeGateway.respond(out, 404, ""));
        PortLease renewed = Rig.get(mapper.renew(lease, request(), rig.core));
        assertEquals(old.replace("/ctl", "/elsewhere"), renewed.state().get("control"));
        assertEquals(4002, renewed.externalPort());

        router.close(); // gone for good
        KarstException e = Rig.failure(mapper.renew(lease, request(), rig.searchesBriefly()));
        assertEquals(KarstException.Code.TIMEOUT, e.code());
    }

    @Test
    void refusesAStateThatIsNotItsOwn() {
        PortGateway strange = new PortGateway("x", Optional.empty(), Map.of("nonce", "1"));
        assertTrue(
                Rig.failure(mapper.acquire(request(), strange, rig.core))
                        .getMessage()
                        .contains("not one of this port mapper"));
    }
}
