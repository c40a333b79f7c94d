// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimNetwork;
import dev.karst.spi.net.TcpSocket;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two hosts behind port-preserving NATs knock at each other, as the laboratory did it. */
class PunchTest {
    private static final int PORT = 4000;
    private static final Duration AGAIN = Duration.ofMillis(50);
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private static NatWorld world(long seed) {
        NatWorld w = new NatWorld(seed);
        w.world().defaultProfile(LinkProfile.of(Duration.ofMillis(30)));
        return w;
    }

    /** Connects again and again from one port. */
    private static final class Knocker {
        final List<Throwable> failures = new ArrayList<>();
        TcpSocket socket;
        private final SimHost host;
        private final SimNetwork network;
        private final InetSocketAddress to;
        private final int most;

        Knocker(SimHost host, InetSocketAddress to, int most) {
            this.host = host;
            this.network = host.network();
            this.to = to;
            this.most = most;
        }

        void knock() {
            network.connectTcp(host.at(PORT), to)
                    .whenComplete(
                            (s, e) -> {
                                socket = s;
                                if (e != null) {
                                    failures.add(e);
                                    if (failures.size() < most) {
                                        host.after(AGAIN, this::knock);
                                    }
                                }
                            });
        }
    }

    private record Meeting(Knocker a, Knocker b, boolean met) {}

    private static Meeting meet(Unsolicited ofA, Unsolicited ofB, int skewMillis, int tries) {
        NatWorld w = world(1);
        NatHome a = w.home("a", NatPolicy.home().withUnsolicited(ofA));
        NatHome b = w.home("b", NatPolicy.home().withUnsolicited(ofB));
        Knocker ka = new Knocker(a.host(), b.outside(PORT), tries);
        Knocker kb = new Knocker(b.host(), a.outside(PORT), tries);
        ka.knock();
        w.world().after(Duration.ofMillis(skewMillis), kb::knock);
        boolean met = w.world().runs(() -> ka.socket != null && kb.socket != null, LIMIT);
        return new Meeting(ka, kb, met);
    }

    @Test
    void whoKnocksAtTheSameMomentGetsThroughWhateverTheBoxesAnswer() {
        for (Unsolicited x : Unsolicited.values()) {
            for (Unsolicited y : Unsolicited.values()) {
                for (int skew : new int[] {0, 10}) {
                    Meeting m = meet(x, y, skew, 1);
                    assertTrue(m.met(), x + " " + y + " " + m.a().failures + m.b().failures);
                }
            }
        }
    }

    @Test
    void withBoxesThatDropEitherMayBeLate() {
        assertTrue(meet(Unsolicited.DROP, Unsolicited.DROP, 300, 1).met());
        assertTrue(meet(Unsolicited.DROP, Unsolicited.DROP, 2500, 1).met());
    }

    @Test
    void aBoxThatAnswersEndsAnAttemptThatIsEarly() {
        Meeting reset = meet(Unsolicited.DROP, Unsolicited.TCP_RST, 300, 1);
        assertFalse(reset.met());
        assertTrue(reset.a().failures.get(0) instanceof ConnectException);
        Meeting icmp = meet(Unsolicited.DROP, Unsolicited.ICMP_ADMIN_PROHIBITED, 300, 1);
        assertFalse(icmp.met());
        assertTrue(icmp.a().failures.get(0) instanceof NoRouteToHostException);
        Meeting port = meet(Unsolicited.DROP, Unsolicited.ICMP_PORT_UNREACHABLE, 300, 1);
        assertFalse(port.met());
        assertTrue(port.a().failures.get(0) instanceof ConnectException);
    }

    @Test
    void whoKnocksAgainGetsThroughABoxThatResets() {
        Meeting m = meet(Unsolicited.DROP, Unsolicited.TCP_RST, 300, 100);
        assertTrue(m.met());
        int refused = m.a().failures.size();
        assertTrue(refused >= 2 && refused <= 7, "the laboratory saw 3 to 7: " + refused);
    }

    @Test
    void theBoxThatAnswersByItselfSpoilsThePortOfWhoIsLate() {
        // drop / open: fails when the open side is late; open / drop: works
        assertFalse(udp(Unsolicited.DROP, Unsolicited.OWN_STACK, 300));
        assertTrue(udp(Unsolicited.OWN_STACK, Unsolicited.DROP, 300));
        assertTrue(udp(Unsolicited.DROP, Unsolicited.OWN_STACK, 10));
        assertTrue(udp(Unsolicited.DROP, Unsolicited.ICMP_PORT_UNREACHABLE, 300));
        assertFalse(udp(Unsolicited.OWN_STACK, Unsolicited.OWN_STACK, 300));
    }

    /** Both send every 50 ms; the second begins later. */
    private static boolean udp(Unsolicited ofA, Unsolicited ofB, int skewMillis) {
        NatWorld w = world(1);
        NatHome a = w.home("a", NatPolicy.home().withUnsolicited(ofA));
        NatHome b = w.home("b", NatPolicy.home().withUnsolicited(ofB));
        SimHost server = w.server("server", "198.51.100.1");
        Mouth ma = new Mouth(a.host(), PORT);
        Mouth mb = new Mouth(b.host(), PORT);
        ma.say(server.at(1)); // both know where they are, as by STUN
        mb.sayAndWait(server.at(1));
        for (int i = 0; i < 80; i++) {
            w.world().after(AGAIN.multipliedBy(i), () -> ma.say(b.outside(PORT)));
            w.world()
                    .after(
                            AGAIN.multipliedBy(i).plusMillis(skewMillis),
                            () -> mb.say(a.outside(PORT)));
        }
        return w.world().runs(() -> !ma.heard.isEmpty() && !mb.heard.isEmpty(), LIMIT);
    }

    @Test
    void symmetricBoxesOnBothSidesAreNotForPunching() {
        NatWorld w = world(1);
        NatHome a = w.home("a", NatPolicy.symmetric());
        NatHome b = w.home("b", NatPolicy.symmetric());
        Knocker ka = new Knocker(a.host(), b.outside(PORT), 100);
        Knocker kb = new Knocker(b.host(), a.outside(PORT), 100);
        ka.knock();
        kb.knock();
        w.world().run(LIMIT);
        assertEquals(null, ka.socket);
        assertEquals(null, kb.socket);
    }

    @Test
    void nestedBoxesLetConnectionsMeetToo() {
        NatWorld w = world(1);
        NatPolicy preserving = NatPolicy.carrier().withAllocation(Allocation.preserve());
        NatCarrier isp = w.carrier("isp", preserving);
        NatHome a = w.plan("a").behind(isp).build();
        NatHome b = w.home("b", NatPolicy.home());
        InetSocketAddress outsideA = new InetSocketAddress(isp.nat().address(), PORT);
        Knocker ka = new Knocker(a.host(), b.outside(PORT), 1);
        Knocker kb = new Knocker(b.host(), outsideA, 1);
        ka.knock();
        kb.knock();
        assertTrue(w.world().runs(() -> ka.socket != null && kb.socket != null, LIMIT));
        assertEquals(1, w.world().tcpFlows().size());
    }
}
