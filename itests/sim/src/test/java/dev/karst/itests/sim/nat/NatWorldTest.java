// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class NatWorldTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final NatWorld w = new NatWorld(1);
    private final SimHost server = w.server("server", "198.51.100.1", "198.51.100.2");

    private static String text(InetSocketAddress a) {
        return NatPacket.text(a);
    }

    @Test
    void theServerSeesTheBoxAndAnswersReachTheHost() {
        NatHome alice = w.home("alice", NatPolicy.home());
        assertEquals("192.168.1.2:4000", text(alice.host().at(4000)));
        Mouth s = new Mouth(server, 3478);
        Mouth a = new Mouth(alice.host(), 4000);
        a.sayAndWait(server.at(3478));
        assertEquals(text(alice.outside(4000)), text(s.last()));
        s.sayAndWait(s.last());
        assertEquals("198.51.100.1:3478", text(a.last()));
        Mouth stranger = new Mouth(server, 3479);
        stranger.sayAndWait(alice.outside(4000));
        assertEquals(1, a.heard.size());
        String trace = w.world().trace(50);
        assertTrue(
                trace.contains("alice-nat  new udp 192.168.1.2:4000 -> 203.0.113.5:4000"), trace);
        assertTrue(
                trace.contains("drops, FILTERED: 198.51.100.1:3479 > 203.0.113.5:4000 udp"), trace);
    }

    @Test
    void tcpGoesOutAndNotIn() {
        NatHome alice = w.home("alice", NatPolicy.home());
        List<TcpSocket> accepted = new ArrayList<>();
        w.world().await(server.network().listenTcp(server.at(80), accepted::add), LIMIT);
        w.world().await(alice.host().network().connectTcp(server.at(80)), LIMIT);
        w.world().run(LIMIT);
        assertEquals(alice.nat().address(), accepted.get(0).remote().getAddress());
        w.world().await(alice.host().network().listenTcp(alice.host().at(81), c -> {}), LIMIT);
        CompletionStage<TcpSocket> in = server.network().connectTcp(alice.outside(81));
        w.world().run(Duration.ofMinutes(3));
        assertTrue(in.toCompletableFuture().isCompletedExceptionally());
    }

    @Test
    void aHomeBehindACarrierIsTranslatedTwice() {
        NatCarrier isp = w.carrier("isp", NatPolicy.carrier());
        NatHome bob = w.plan("bob").behind(isp).build();
        NatHome carol = w.plan("carol").behind(isp).build();
        assertEquals("100.64.1.2:0", text(bob.outside(0)));
        assertEquals("100.64.1.3:0", text(carol.outside(0)));
        Mouth s = new Mouth(server, 3478);
        Mouth b = new Mouth(bob.host(), 4000);
        Mouth c = new Mouth(carol.host(), 4000);
        b.sayAndWait(server.at(3478));
        InetSocketAddress seenOfBob = s.last();
        assertEquals(isp.nat().address(), seenOfBob.getAddress());
        s.sayAndWait(seenOfBob);
        assertEquals(1, b.heard.size());
        c.sayAndWait(server.at(3478));
        InetSocketAddress seenOfCarol = s.last();
        // hairpin at the carrier: each home's own filter has to be opened first
        c.sayAndWait(seenOfBob);
        b.sayAndWait(seenOfCarol);
        c.sayAndWait(seenOfBob);
        assertEquals(List.of(seenOfBob), c.heard);
        assertEquals(seenOfCarol, b.last());
        isp.reboot();
        b.sayAndWait(server.at(3478));
        assertNotEquals(seenOfBob, s.last());
    }

    @Test
    void ipv6IsFilteredAndNotTranslated() {
        NatHome a =
                w.plan("alice")
                        .ipv6(NatPolicy.firewall(Dependence.ADDRESS_AND_PORT_DEPENDENT))
                        .build();
        SimHost v6 = w.server("v6", "2001:db8:5::1");
        InetAddress own = a.host().addresses().get(1);
        assertEquals("2001:db8:1001:0:0:0:0:2", own.getHostAddress());
        Mouth s = new Mouth(v6, 3478);
        Mouth m = new Mouth(a.host(), new InetSocketAddress(own, 4000));
        s.sayAndWait(new InetSocketAddress(own, 4000));
        assertEquals(0, m.heard.size());
        m.sayAndWait(v6.at(3478));
        assertEquals(new InetSocketAddress(own, 4000), s.last());
        s.sayAndWait(s.last());
        assertEquals(1, m.heard.size());
        assertThrows(IllegalArgumentException.class, () -> w.plan("x").ipv6(NatPolicy.home()));
    }

    @Test
    void firewalledAndOpenHomesHavePublicAddresses() {
        NatHome fw = w.home("fw", NatPolicy.firewall(Dependence.ADDRESS_DEPENDENT));
        NatHome open = w.home("open", NatPolicy.open());
        Mouth f = new Mouth(fw.host(), 4000);
        Mouth o = new Mouth(open.host(), 4000);
        f.sayAndWait(open.host().at(4000));
        assertEquals(fw.host().at(4000), o.last());
        Mouth s = new Mouth(server, 1);
        s.say(open.host().at(4000));
        s.sayAndWait(fw.host().at(4000));
        assertEquals(server.at(1), o.last());
        assertEquals(0, f.heard.size());
        InetSocketAddress before = fw.host().at(4000);
        List<String> changes = new ArrayList<>();
        fw.host().network().onChange(() -> changes.add("changed"));
        fw.renumber();
        w.world().run(LIMIT);
        assertNotEquals(before, fw.host().at(4000));
        assertEquals(List.of("changed"), changes);
        Mouth again = new Mouth(fw.host(), 4001);
        again.sayAndWait(open.host().at(4000));
        assertEquals(fw.host().at(4001), o.last());
    }

    @Test
    void twoHomesMayHaveTheSameSubnet() {
        NatHome a = w.plan("a").subnet(1).build();
        NatHome b = w.plan("b").subnet(1).build();
        assertEquals(a.host().at(1), b.host().at(1));
        Mouth ma = new Mouth(a.host(), 4000);
        Mouth mb = new Mouth(b.host(), 4000);
        ma.sayAndWait(b.outside(4000));
        mb.sayAndWait(a.outside(4000));
        assertEquals(List.of(b.outside(4000)), ma.heard);
        assertEquals(List.of(), mb.heard);
    }

    @Test
    void hostsOfOneHomeMeetOnTheLanAndByHairpin() {
        NatHome home = w.home("a", NatPolicy.home().withHairpin(Hairpin.EXTERNAL_SOURCE));
        SimHost second = home.addHost("a2");
        Mouth m1 = new Mouth(home.host(), 4000);
        Mouth m2 = new Mouth(second, 5000);
        m1.sayAndWait(second.at(5000));
        assertEquals(home.host().at(4000), m2.last());
        m1.sayAndWait(home.outside(5000));
        assertEquals(1, m2.heard.size(), "filtered");
        m2.sayAndWait(home.outside(4000));
        assertEquals(home.outside(5000), m1.last());
        assertTrue(w.world().trace(20).contains("hairpin 192.168.1.3:5000 > 203.0.113.5:4000"));
    }

    @Test
    void renumberingAndRebootingBreakWhatWas() {
        NatHome a = w.home("a", NatPolicy.home().withAllocation(Allocation.random()));
        Mouth s = new Mouth(server, 3478);
        Mouth m = new Mouth(a.host(), 4000);
        m.sayAndWait(server.at(3478));
        InetSocketAddress first = s.last();
        a.renumber();
        s.sayAndWait(first);
        assertEquals(0, m.heard.size());
        m.sayAndWait(server.at(3478));
        assertNotEquals(first.getAddress(), s.last().getAddress());
        InetSocketAddress second = s.last();
        a.reboot();
        s.sayAndWait(second);
        assertEquals(0, m.heard.size());
    }

    @Test
    void theGatewayOfAHomeIsItsBox() {
        NatHome a = w.plan("a").ipv6(NatPolicy.firewall(Dependence.ADDRESS_DEPENDENT)).build();
        assertEquals(
                List.of("192.168.1.1", "fe80:0:0:0:0:0:0:1"),
                a.host().network().gateways().stream()
                        .map(g -> g.router().orElseThrow().getHostAddress())
                        .toList());
    }

    @Test
    void aServiceOnTheRouterMayOpenPorts() {
        NatHome a = w.home("a", NatPolicy.symmetric());
        Mouth host = new Mouth(a.host(), 4000);
        Mouth service = new Mouth(a.router(), 5351);
        host.sayAndWait(a.router().at(5351));
        assertEquals(a.host().at(4000), service.last());
        InetSocketAddress open =
                a.nat()
                        .box()
                        .expose(w.world().nanoTime(), Protocol.UDP, service.last(), 4000)
                        .orElseThrow();
        service.sayAndWait(service.last());
        assertEquals(a.router().at(5351), host.last());
        Mouth s = new Mouth(server, 9);
        s.sayAndWait(open);
        host.sayAndWait(host.last());
        assertEquals(open, s.last());
    }

    @Test
    void icmpFromTheBoxReachesWhoConnects() {
        NatHome a = w.home("a", NatPolicy.home());
        NatHome b =
                w.home("b", NatPolicy.home().withUnsolicited(Unsolicited.ICMP_ADMIN_PROHIBITED));
        CompletionException e =
                assertThrows(
                        CompletionException.class,
                        () -> w.world().await(a.host().network().connectTcp(b.outside(80)), LIMIT));
        assertTrue(e.getCause() instanceof IOException);
        assertEquals("No route to host", e.getCause().getMessage());
    }

    @Test
    void oneSeedIsOneStoryAndManyAreCheap() {
        for (int seed = 0; seed < 500; seed++) {
            long digest = story(seed);
            if (seed % 50 == 0) {
                assertEquals(digest, story(seed));
                assertNotEquals(digest, story(seed + 1));
            }
        }
    }

    private static long story(long seed) {
        NatWorld w = new NatWorld(seed);
        w.world()
                .defaultProfile(
                        LinkProfile.of(Duration.ofMillis(20)).withJitter(Duration.ofMillis(5)));
        NatHome a = w.home("a", NatPolicy.symmetric().withBackground(5));
        NatHome b = w.home("b", NatPolicy.home());
        Mouth ma = new Mouth(a.host(), 4000);
        Mouth mb = new Mouth(b.host(), 4000);
        mb.say(a.outside(4000));
        ma.sayAndWait(b.outside(4000));
        return w.world().digest();
    }
}
