// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.spi.portmap.PortGateway;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Searching, over real sockets. */
class ProbeTest {
    private final Rig rig = new Rig();
    private final FakeGateway router = new FakeGateway("127.0.0.1");
    private final UpnpMapper mapper = new UpnpMapper(new SearchPlan(router.port(), false));

    @AfterEach
    void stop() {
        router.close();
        rig.close();
    }

    private List<PortGateway> probe() {
        return Rig.get(mapper.probe(Rig.loopback(router), rig.core));
    }

    private KarstException fails() {
        return Rig.failure(mapper.probe(Rig.loopback(router), rig.searchesBriefly()));
    }

    @Test
    void findsARouterAtOnce() throws Exception {
        probe(); // classes are loaded
        long start = System.nanoTime();
        PortGateway g = probe().get(0);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1000, millis + " ms");
        assertEquals("Fake & Box (127.0.0.1)", g.name());
        assertEquals(Optional.of(InetAddress.getByName("45.45.0.1")), g.external());
        assertEquals(router.url("/ctl"), g.state().get("control"));
        assertEquals("WANIPConnection:1", g.state().get("service"));
        assertEquals("7", g.state().get("boot"));
        assertEquals("abc", g.state().get("uuid"));
        assertEquals(SearchPlan.targets(false), router.searches.subList(0, 5));
        assertEquals(2, router.count("GET /desc.xml"), "each answer names the same place");
        await().until(() -> rig.sockets() == 0);
    }

    @Test
    void knowsEveryKindOfConnection() {
        for (String type :
                List.of("WANIPConnection:1", "WANIPConnection:2", "WANPPPConnection:1")) {
            router.service = new IgdService(type);
            assertEquals(type, probe().get(0).state().get("service"));
        }
        router.service = new IgdService("WANIPv6FirewallControl:1");
        assertTrue(fails().getMessage().contains("maps no ports"));
    }

    @Test
    void takesTheServiceThatIsConnected() {
        router.pages.put(
                "/desc.xml",
                out ->
                        FakeGateway.respond(
                                out,
                                200,
                                router.description("/ctl")
                                        .replace(
                                                "<service>",
                                                "<service><serviceType>urn:schemas-upnp-org:"
                                                        + "service:WANPPPConnection:1"
                                                        + "</serviceType><controlURL>/up"
                                                        + "</controlURL></service><service>")));
        router.pages.put(
                "/ctl#GetStatusInfo",
                out ->
                        FakeGateway.respond(
                                out,
                                200,
                                "<GetStatusInfoResponse><NewConnectionStatus>Unconfigured"
                                        + "</NewConnectionStatus></GetStatusInfoResponse>"));
        assertEquals(router.url("/up"), probe().get(0).state().get("control"));
        assertEquals(1, probe().size(), "one device, one gateway");
    }

    @Test
    void asksAgainWhenNobodyAnswers() {
        router.silent = true;
        KarstException e = fails();
        assertEquals(KarstException.Code.TIMEOUT, e.code());
        assertTrue(e.getMessage().contains("no gateway answered"), e.getMessage());
        assertEquals(3 * SearchPlan.targets(false).size(), router.searches.size());
        await().until(() -> rig.sockets() == 0);
    }

    @Test
    void findsTwoGateways() {
        try (FakeGateway other = new FakeGateway("127.0.0.2")) {
            other.service = new IgdService("WANIPConnection:2");
            router.neighbours.add(other);
            List<PortGateway> found = probe();
            assertEquals(
                    List.of("127.0.0.1", "127.0.0.2"),
                    found.stream().map(g -> g.state().get("gateway")).toList());
            router.service.external = "10.0.0.1"; // behind another NAT
            assertEquals("127.0.0.2", probe().get(0).state().get("gateway"));
        }
    }

    @Test
    void putsUpWithAGatewayThatTellsNothing() {
        router.pages.put("GetStatusInfo", out -> FakeGateway.respond(out, 200, "<so what"));
        router.pages.put("GetExternalIPAddress", out -> FakeGateway.respond(out, 500, ""));
        assertEquals(Optional.empty(), probe().get(0).external());
        router.pages.put("GetStatusInfo", out -> FakeGateway.respond(out, 404, ""));
        assertTrue(fails().getMessage().contains("HTTP status 404"));
    }

    @Test
    void reportsTheExternalAddressAsItIs() throws Exception {
        for (String a : List.of("0.0.0.0", "192.168.1.2", "100.64.0.1")) {
            router.service.external = a;
            assertEquals(Optional.of(InetAddress.getByName(a)), probe().get(0).external());
        }
        router.service.external = "";
        assertEquals(Optional.empty(), probe().get(0).external());
        router.service.external = "evil.example.org";
        assertEquals(Optional.empty(), probe().get(0).external());
    }

    @Test
    void understandsOldDescriptions() {
        String base = "<URLBase>" + router.url("/deep/") + "</URLBase>";
        router.pages.put(
                "/desc.xml", out -> FakeGateway.respond(out, 200, router.description("c?x", base)));
        assertEquals(router.url("/deep/c?x"), probe().get(0).state().get("control"));
        router.pages.put(
                "/desc.xml",
                out ->
                        FakeGateway.raw(
                                out,
                                "HTTP/1.0 200 OK\n\n\0\n"
                                        + router.description("/a&b").replace("device>", "n:device>")
                                        + "\0\0trailing"));
        assertEquals(router.url("/a&b"), probe().get(0).state().get("control"));
    }

    @Test
    void endsWithItsScope() {
        router.pages.put("/desc.xml", out -> Thread.currentThread().join(2000));
        CompletableFuture<?> probe =
                mapper.probe(Rig.loopback(router), rig.core).toCompletableFuture();
        await().until(() -> router.count("GET /desc.xml") == 1);
        rig.core.cancel();
        assertEquals(KarstException.Code.CLOSED, Rig.failure(probe).code());
        await().until(() -> rig.sockets() == 0);
    }
}
