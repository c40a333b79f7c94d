// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network.InterfaceAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A gateway, or who says to be one, that means harm. Each ends in bounded time with a reason. */
class HostileTest {
    private static final String DRIP = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";

    private final Rig rig = new Rig();
    private final FakeGateway router = new FakeGateway("127.0.0.1");
    private final FakeGateway victim = new FakeGateway("127.0.0.3");
    private final UpnpMapper mapper = new UpnpMapper(new SearchPlan(router.port(), false));

    @AfterEach
    void stop() {
        victim.close();
        router.close();
        rig.close();
    }

    private KarstException probe(Scope scope) {
        long start = System.nanoTime();
        KarstException e = Rig.failure(mapper.probe(Rig.loopback(router), scope));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 5000, millis + " ms");
        await().until(() -> rig.sockets() == 0);
        return e;
    }

    private void refused(String reason) {
        refused(reason, rig.searchesBriefly());
    }

    private void refused(String reason, Scope scope) {
        String message = probe(scope).getMessage();
        assertTrue(message.contains(reason), message);
        assertEquals(List.of(), victim.requests);
    }

    private void description(FakeGateway.Page page) {
        router.pages.put("/desc.xml", page);
    }

    private void descriptionIs(String text) {
        description(out -> FakeGateway.respond(out, 200, text));
    }

    @Test
    void readsNoEntities() {
        String secret = victim.url("/secret");
        descriptionIs(
                "<!DOCTYPE root [<!ENTITY x SYSTEM \""
                        + secret
                        + "\">]>"
                        + router.description("/&x;"));
        refused("XML is broken");
        descriptionIs("<!DOCTYPE root SYSTEM \"" + secret + "\">" + router.description("/ctl"));
        refused("XML is broken");
        StringBuilder laughs = new StringBuilder("<!DOCTYPE r [<!ENTITY a0 \"ha\">");
        for (int i = 1; i < 30; i++) {
            laughs.append("<!ENTITY a" + i + " \"&a" + (i - 1) + ";&a" + (i - 1) + ";\">");
        }
        descriptionIs(laughs + "]><root>&a29;</root>");
        refused("XML is broken");
    }

    @Test
    void readsNoMonsters() {
        descriptionIs("<a>".repeat(5000));
        refused("deeper than");
        descriptionIs("<r>" + "<a/>".repeat(5000) + "</r>");
        refused("more than 4000 elements");
        descriptionIs("no markup at all");
        refused("no XML");
        descriptionIs("<root><a></b></root>");
        refused("XML is broken");
    }

    @Test
    void goesNowhereElse() {
        for (String url :
                List.of(
                        victim.url("/desc.xml"),
                        victim.url("/desc.xml").replace("http:", "https:"),
                        "http://localhost:" + router.httpPort() + "/desc.xml",
                        "http://127.0.0.1:0/desc.xml",
                        "http://127.0.0.1:70000/desc.xml",
                        "http://u:p@127.0.0.1:" + router.httpPort() + "/desc.xml",
                        "http://127.1:" + router.httpPort() + "/desc.xml",
                        "http://0x7f000001:" + router.httpPort() + "/desc.xml",
                        "http://[::ffff:127.0.0.1]:80/",
                        "http://169.254.169.254/latest/meta-data",
                        "file:///etc/passwd",
                        "gopher://127.0.0.1/")) {
            router.location = url;
            refused("is not followed");
        }
        assertTrue(rig.count("portmap.upnp.refused-url") > 10);
        assertEquals(List.of(), router.requests);
    }

    @Test
    void controlsNothingElse() {
        descriptionIs(router.description(victim.url("/ctl")));
        refused("leads to another host than the gateway 127.0.0.1");
        descriptionIs(router.description("//127.0.0.3/ctl"));
        refused("is not followed");
        descriptionIs(router.description("/ctl HTTP/1.1\r\nX: y"));
        refused("is not followed");
    }

    @Test
    void ignoresABaseElsewhere() {
        String base = "<URLBase>" + victim.url("/") + "</URLBase>";
        descriptionIs(router.description("/ctl", base));
        String control =
                Rig.get(mapper.probe(Rig.loopback(router), rig.core)).get(0).state().get("control");
        assertEquals(router.url("/ctl"), control);
        assertEquals(List.of(), victim.requests);
    }

    @Test
    void followsNoRedirect() {
        description(
                out ->
                        FakeGateway.raw(
                                out,
                                "HTTP/1.1 302 Found\r\nLocation: "
                                        + router.url("/desc.xml")
                                        + "\r\n\r\n"));
        refused("redirects");
        assertEquals(1, router.count("GET /desc.xml"));
    }

    @Test
    void hearsOnlyNeighbours() {
        router.silent = true;
        router.neighbours.add(victim); // answers in the router's place
        victim.location = router.url("/desc.xml");
        refused("leads to another host than the gateway 127.0.0.3");
        Neighbours home =
                new Neighbours(
                        address("192.168.1.2"),
                        Optional.of(address("192.168.1.1")),
                        List.of(new InterfaceAddress("eth0", address("192.168.1.2"), 24)));
        assertTrue(home.gateway(address("192.168.1.1")));
        assertTrue(home.gateway(address("192.168.1.254")));
        for (String far : List.of("192.168.2.1", "8.8.8.8", "127.0.0.1", "0.0.0.0", "224.0.0.1")) {
            assertTrue(!home.gateway(address(far)), far);
        }
        assertTrue(!home.gateway(address("fe80::1")));
    }

    @Test
    void knowsTheSeveralAddressesOfAnIpv6Router() {
        Neighbours home =
                new Neighbours(
                        address("2001:db8:1::2"),
                        Optional.of(address("fe80::1")),
                        List.of(new InterfaceAddress("eth0", address("2001:db8:1::2"), 64)));
        assertTrue(home.gateway(address("fe80::1")));
        assertTrue(home.gateway(address("2001:db8:1::1")));
        assertTrue(!home.gateway(address("2001:db8:2::1")));
        assertTrue(!home.gateway(address("::1")));
        assertTrue(home.host(address("fe80::1"), address("2001:db8:1::1")));
        assertTrue(!home.host(address("fe80::1"), address("2001:db8:2::1")));
        assertTrue(!home.host(address("2001:db8:1::9"), address("2001:db8:1::1")));
    }

    @Test
    void hearsNobodyFromAfar() {
        router.neighbours.add(victim);
        router.silent = true;
        KarstException e =
                Rig.failure(
                        mapper.probe(
                                Rig.route("nowhere", router.address, router.address),
                                rig.searchesBriefly()));
        assertEquals(KarstException.Code.TIMEOUT, e.code());
        assertTrue(rig.count("portmap.upnp.foreign") > 0);
        assertEquals(List.of(), victim.requests);
    }

    private static InetAddress address(String literal) {
        return Literals.parse(literal).orElseThrow();
    }

    @Test
    void waitsForNoDrip() {
        description(
                out -> {
                    FakeGateway.raw(out, DRIP);
                    while (true) {
                        FakeGateway.raw(out, " ");
                        TimeUnit.MILLISECONDS.sleep(10);
                    }
                });
        refused("did not answer in time", rig.waitsBriefly());
        description(out -> TimeUnit.SECONDS.sleep(3));
        refused("did not answer in time", rig.waitsBriefly());
    }

    @Test
    void stopsAtItsLimits() {
        description(
                out -> {
                    FakeGateway.raw(out, "HTTP/1.1 200 OK\r\n\r\n");
                    while (true) {
                        FakeGateway.raw(out, "<a>".repeat(1000));
                    }
                });
        refused("longer than 262144");
        description(
                out -> {
                    FakeGateway.raw(out, "HTTP/1.1 200 OK\r\n");
                    while (true) {
                        FakeGateway.raw(out, "X: y\r\n".repeat(100));
                    }
                });
        refused("longer than 8192");
        description(
                out -> {
                    FakeGateway.raw(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    while (true) {
                        FakeGateway.raw(out, "1;" + "x".repeat(100) + "\r\n \r\n");
                    }
                });
        refused("longer than 8192");
        description(
                out -> {
                    while (true) {
                        FakeGateway.raw(out, "HTTP/1.1 100 Continue\r\n\r\n");
                    }
                });
        refused("longer than 8192");
    }

    @Test
    void saysWhatIsWrongWithTheAnswer() {
        description(out -> FakeGateway.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<"));
        refused("cut short");
        description(out -> FakeGateway.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: -9\r\n\r\n<"));
        refused("length");
        description(
                out ->
                        FakeGateway.raw(
                                out, "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n<"));
        refused("longer than 262144");
        description(
                out -> FakeGateway.raw(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"));
        refused("encoded as gzip");
        description(out -> FakeGateway.raw(out, "SSH-2.0-OpenSSH\r\n"));
        refused("not HTTP: SSH-2.0-OpenSSH");
        description(out -> out.flush());
        refused("hung up");
        router.pages.remove("/desc.xml");
        refused("HTTP status 404");
        router.location = "http://127.0.0.1:1/desc.xml";
        refused("does not take connections");
    }
}
