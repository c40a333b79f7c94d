// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One lab of routers that differ, what is true of it, and Karst's nodes in it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LabTest {

    private static final String NAME = Labs.name("l");
    private static final List<String> SITES =
            List.of(
                    "a=home,hosts=2",
                    "b=symmetric,icmp",
                    "c=user,eim,adf,random,rst,delay=8,hosts=2",
                    "isp=cgn,hosts=0",
                    "d=home@isp",
                    "k=home,udp=2",
                    "u=eim,eif,preserve,udp=2,outbound-refresh",
                    "r=eim,apdf,random",
                    "o=open",
                    "f=firewall");

    private static TreeSet<String> devices;
    private static Lab lab;

    @BeforeAll
    static void up() throws IOException {
        Labs.needed();
        devices = Labs.devices();
        lab = Lab.up(Labs.PREFIX, NAME, SITES);
    }

    @AfterAll
    static void down() throws Exception {
        if (lab == null) {
            return;
        }
        List<Integer> pids = Labs.recorded(lab);
        lab.down();
        assertFalse(pids.isEmpty());
        // Those that this process started are there, dead, until its own thread has seen it.
        Labs.await("all pids gone", 5, () -> pids.stream().noneMatch(Labs::runs));
        assertEquals(List.of(), Labs.left(NAME, devices));
    }

    private static Probe.Result probe(String host, String neighbour) throws Exception {
        return lab.ns(host).call(() -> Probe.run(lab.ns(neighbour)));
    }

    @Test
    @Order(1)
    void routersBehaveAsNamed() throws Exception {
        Map<String, CompletableFuture<Verdict>> verdicts = new HashMap<>();
        try (ProbeServer server = ProbeServer.start(lab)) {
            for (String[] site : new String[][] {{"a", "a2"}, {"b", "b1"}, {"c", "c2"}}) {
                RouterKind kind = lab.plan().site(site[0]).kind().orElseThrow();
                String wan = lab.plan().wan(lab.plan().site(site[0]));
                verdicts.put(
                        site[0],
                        CompletableFuture.supplyAsync(
                                () -> {
                                    try {
                                        Probe.Result seen = probe(site[0] + "1", site[1]);
                                        return Verdict.of(
                                                kind, seen, lab.ns("s").call(() -> Knock.at(wan)));
                                    } catch (Exception e) {
                                        throw new AssertionError(e);
                                    }
                                },
                                task -> new Thread(task).start()));
            }
            verdicts.forEach(
                    (site, v) -> assertTrue(v.join().right(), () -> site + ": " + v.join()));
        }
    }

    @Test
    @Order(2)
    void subscribersOfAProviderShareItsAddress() throws Exception {
        try (ProbeServer server = ProbeServer.start(lab)) {
            InetSocketAddress seen =
                    lab.ns("d1")
                            .call(() -> UdpAsk.seen(ProbeWire.at(Plan.SERVER, ProbeWire.PORT)))
                            .orElseThrow();
            assertEquals(
                    lab.plan().wan(lab.plan().site("isp")), seen.getAddress().getHostAddress());
            assertTrue(
                    seen.getPort() >= NftRules.RANGE_LOW && seen.getPort() <= NftRules.RANGE_HIGH,
                    "" + seen);
        }
    }

    @Test
    @Order(3)
    void ipv6IsFilteredAndNotTranslated() throws Exception {
        Site a = lab.plan().site("a");
        Site o = lab.plan().site("o");
        assertEquals(
                Tcp.Outcome.SILENCE,
                lab.ns("s").call(() -> Tcp.connects(Plan.SERVER_6, six(a, "a"), 300)));
        assertEquals(
                Tcp.Outcome.REFUSED,
                lab.ns("s").call(() -> Tcp.connects(Plan.SERVER_6, six(o, "a"), 300)));
        assertEquals(
                Tcp.Outcome.REFUSED,
                lab.ns("a1")
                        .call(
                                () ->
                                        Tcp.connects(
                                                a.lan6() + "a",
                                                new InetSocketAddress(Plan.SERVER_6, 9),
                                                300)));
    }

    /** What the router once learnt of a host grows old; it must be able to ask. */
    @Test
    @Order(4)
    void routersFindHostsByIpv6() {
        Site a = lab.plan().site("a");
        Sh.must("", Sh.in(lab.ns("a"), "ip", "-6", "neigh", "flush", "dev", "lan"));
        Sh.must("", Sh.in(lab.ns("s"), "ping", "-6", "-c1", "-W2", a.lan6() + "a"));
    }

    private static InetSocketAddress six(Site site, String host) {
        return new InetSocketAddress(site.lan6() + host, 9);
    }

    /** A symmetric router (b) is got through only where the other filter does not look at ports. */
    @ParameterizedTest
    @Order(4)
    @CsvSource({
        "a1,c1,true", "a1,r1,true", "c1,r1,true", "a1,d1,true", "c1,d1,true", "r1,d1,true",
                "a1,f,true",
        "b1,c1,true", "b1,u1,true", "b1,o,true", "b1,a1,false", "b1,r1,false", "b1,d1,false",
                "b1,f,false"
    })
    void punchingGetsThroughWhereItShould(String one, String two, boolean through)
            throws Exception {
        try (ProbeServer server = ProbeServer.start(lab)) {
            assertEquals(through, Punch.udp(lab.ns(one), lab.ns(two)));
        }
    }

    /**
     * The kernel keeps a mapping alive by packets from outside, the box by packets from inside
     * only.
     */
    @Test
    @Order(4)
    void mappingsDieWhenTheyAreSupposedTo() throws Exception {
        try (ProbeServer server = ProbeServer.start(lab)) {
            CompletableFuture<Lifetime> kernel =
                    lab.ns("k1").start(() -> Lifetime.of(Duration.ofSeconds(2)));
            CompletableFuture<Lifetime> box =
                    lab.ns("u1").start(() -> Lifetime.of(Duration.ofSeconds(2)));
            assertEquals(new Lifetime(true, true, false), kernel.get());
            assertEquals(new Lifetime(true, false, false), box.get());
        }
    }

    /**
     * A kernel router and the box alike; the same socket has another port afterwards, as ports are
     * random.
     */
    @Test
    @Order(5)
    void routersForgetAndLinksBreak() throws Exception {
        try (ProbeServer server = ProbeServer.start(lab)) {
            InetSocketAddress to = ProbeWire.at(Plan.SERVER, ProbeWire.PORT);
            for (String site : List.of("r", "c")) {
                NetNs host = lab.ns(site + "1");
                try (DatagramChannel by = host.call(() -> UdpAsk.bound(0))) {
                    InetSocketAddress before = UdpAsk.seen(by, to).orElseThrow();
                    assertEquals(before, UdpAsk.seen(by, to).orElseThrow(), site);
                    Routers.cut(lab, site);
                    assertTrue(UdpAsk.silent(by, to), site + " is cut");
                    Routers.heal(lab, site);
                    assertEquals(before, UdpAsk.seen(by, to).orElseThrow(), site);
                    Routers.reboot(lab, site);
                    assertNotEquals(before, UdpAsk.seen(by, to).orElseThrow(), site);
                }
            }
        }
    }

    @Test
    @Order(5)
    void delayIsWhatItWasToBe() throws Exception {
        try (ProbeServer server = ProbeServer.start(lab)) {
            double millis =
                    lab.ns("c1")
                            .call(
                                    () ->
                                            UdpAsk.roundTripMillis(
                                                    ProbeWire.at(Plan.SERVER, ProbeWire.PORT)));
            assertTrue(
                    millis > 16 && millis < 25,
                    "round trip of " + millis + " ms over a link of 8 ms each way");
        }
    }

    /** Nodes meet at the broker, and everybody reaches the one whose side is open. */
    @Test
    @Order(6)
    void nodesBehindRoutersReachTheOneThatIsOpen() throws Exception {
        if (Nodes.missing().isPresent() && Need.required()) {
            throw new AssertionError(Nodes.missing().get());
        }
        Assumptions.assumeTrue(Nodes.missing().isEmpty(), () -> Nodes.missing().get());
        Nodes nodes = Nodes.of(lab);
        nodes.broker();
        for (String host : List.of("a1", "b1", "c1", "d1")) {
            assertTrue(
                    lab.ns(host).call(() -> reaches(Plan.SERVER, 8883)),
                    host + " reaches the broker");
        }
        Map<String, Process> started = new HashMap<>();
        for (String host : List.of("o", "a1", "b1", "c1", "d1")) {
            started.put(host, nodes.start(host, nodes.join()));
        }
        String open = nodes.await(started.get("o"), "o").peer();
        for (String host : List.of("a1", "b1", "c1", "d1")) {
            nodes.await(started.get(host), host);
        }
        // Who has opened nothing to anybody does not answer signals.
        Sh.Done exposed = nodes.exec("o", "karst:expose nothing tcp://127.0.0.1:9 any");
        assertTrue(exposed.ok(), exposed.out());
        List<CompletableFuture<String>> connects =
                List.of("a1", "b1", "c1", "d1").stream()
                        .map(
                                h ->
                                        CompletableFuture.supplyAsync(
                                                () -> connect(nodes, h, open),
                                                t -> new Thread(t).start()))
                        .toList();
        for (CompletableFuture<String> one : connects) {
            assertEquals("connected", one.join());
        }
    }

    private static String connect(Nodes nodes, String host, String peer) {
        Sh.Done done = nodes.exec(host, "karst:connect -t 15 " + peer);
        return done.ok() && done.out().contains("direct over tcp")
                ? "connected"
                : host + ": " + done.out();
    }

    private static boolean reaches(String address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 2000);
            return true;
        }
    }
}
