// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static dev.karst.itests.sim.nat.BoxTester.S1;
import static dev.karst.itests.sim.nat.BoxTester.S1B;
import static dev.karst.itests.sim.nat.BoxTester.S2;
import static dev.karst.itests.sim.nat.BoxTester.at;
import static dev.karst.itests.sim.nat.BoxTester.ext;
import static dev.karst.itests.sim.nat.BoxTester.in;
import static dev.karst.itests.sim.nat.Dependence.ADDRESS_AND_PORT_DEPENDENT;
import static dev.karst.itests.sim.nat.Dependence.ADDRESS_DEPENDENT;
import static dev.karst.itests.sim.nat.Dependence.ENDPOINT_INDEPENDENT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.itests.sim.nat.NatVerdict.Answer;
import dev.karst.itests.sim.nat.NatVerdict.Drop;
import dev.karst.itests.sim.nat.NatVerdict.Forward;
import dev.karst.itests.sim.nat.NatVerdict.Reason;
import dev.karst.itests.sim.nat.NatVerdict.Reject;
import dev.karst.itests.sim.nat.NatVerdict.Side;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NatBoxTest {
    private static NatPolicy nat(Dependence mapping, Dependence filtering) {
        return NatPolicy.nat(mapping, filtering, Allocation.random());
    }

    @Test
    void mappingDependsOnWhatItSays() {
        for (Dependence d :
                List.of(ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT)) {
            BoxTester t = new BoxTester(nat(d, ADDRESS_AND_PORT_DEPENDENT));
            int first = t.udp(in(4000), S1);
            assertEquals(first, t.udp(in(4000), S1), d.toString());
            assertEquals(d != ADDRESS_AND_PORT_DEPENDENT, first == t.udp(in(4000), S1B), "" + d);
            assertEquals(d == ENDPOINT_INDEPENDENT, first == t.udp(in(4000), S2), d.toString());
            assertNotEquals(first, t.udp(in(4001), S1));
        }
    }

    @Test
    void filteringDependsOnWhatItSays() {
        for (Dependence m :
                List.of(ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT)) {
            for (Dependence d :
                    List.of(ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT)) {
                BoxTester t = new BoxTester(nat(m, d));
                int port = t.udp(in(4000), S1);
                assertTrue(t.reaches(S1, port, in(4000)));
                boolean otherPort = t.reaches(S1B, port, in(4000));
                assertEquals(d != ADDRESS_AND_PORT_DEPENDENT, otherPort, m + " " + d);
                boolean otherHost = t.reaches(S2, port, in(4000));
                assertEquals(d == ENDPOINT_INDEPENDENT, otherHost, m + " " + d);
            }
        }
    }

    @Test
    void connectionFromOutsideGoesOnThroughThePortItCameTo() {
        BoxTester t = new BoxTester(nat(ADDRESS_AND_PORT_DEPENDENT, ENDPOINT_INDEPENDENT));
        int port = t.tcp(Kind.SYN, in(4000), S1);
        t.box.inbound(t.now, NatPacket.tcp(Kind.SYN, S2, ext(port)));
        assertEquals(port, t.tcp(Kind.SYN_ACK, in(4000), S2));
        assertNotEquals(port, t.tcp(Kind.SYN, in(4000), S1B));
    }

    @Test
    void tcpIsFilteredLikeUdpAndHasRulesOfItsOwn() {
        NatPolicy p =
                nat(ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT)
                        .withTcp(r -> r.withMapping(ADDRESS_DEPENDENT))
                        .withTcp(r -> r.withFiltering(ADDRESS_DEPENDENT));
        BoxTester t = new BoxTester(p);
        int udp = t.udp(in(4000), S1);
        assertEquals(udp, t.udp(in(4000), S2));
        assertTrue(t.reaches(at("198.51.100.77", 1), udp, in(4000)));
        int tcp = t.tcp(Kind.SYN, in(4000), S1);
        assertEquals(tcp, t.tcp(Kind.SYN, in(4000), S1B));
        assertNotEquals(tcp, t.tcp(Kind.SYN, in(4000), S2));
        assertTrue(t.reaches(Kind.SYN, at("198.51.100.1", 99), tcp, in(4000)));
        assertFalse(t.reaches(Kind.SYN, S2, tcp, in(4000)));
    }

    @Test
    void aFirewallTranslatesNothingAndLetsInWhatIsExpected() {
        BoxTester t = new BoxTester(NatPolicy.firewall(ADDRESS_AND_PORT_DEPENDENT));
        NatVerdict out = t.box.outbound(0, NatPacket.udp(in(4000), S1));
        assertEquals(new Forward(Side.OUTSIDE, in(4000), S1), out);
        assertEquals(
                new Forward(Side.INSIDE, S1, in(4000)),
                t.box.inbound(0, NatPacket.udp(S1, in(4000))));
        assertEquals(new Drop(Reason.FILTERED), t.box.inbound(0, NatPacket.udp(S1B, in(4000))));
        assertEquals(new Drop(Reason.NO_MAPPING), t.box.inbound(0, NatPacket.udp(S1, in(4001))));
    }

    @Test
    void anOpenRouterLetsEverythingThrough() {
        BoxTester t = new BoxTester(NatPolicy.open());
        assertEquals(
                new Forward(Side.INSIDE, S1, in(4001)),
                t.box.inbound(0, NatPacket.udp(S1, in(4001))));
        assertEquals(0, t.box.mappings());
    }

    @Test
    void blockedUdpDoesNotPassAndTcpDoes() {
        BoxTester t = new BoxTester(NatPolicy.home().withUdpBlocked());
        assertEquals(Reason.UDP_BLOCKED, t.refused(in(4000), S1));
        assertEquals(new Drop(Reason.UDP_BLOCKED), t.box.inbound(0, NatPacket.udp(S1, ext(9))));
        assertEquals(4000, t.tcp(Kind.SYN, in(4000), S1));
        assertEquals(Map.of(Reason.UDP_BLOCKED, 2L), t.box.dropped());
    }

    // ---- unsolicited packets

    @Test
    void unsolicitedPacketsAreAnsweredAsAskedFor() {
        NatPacket udp = NatPacket.udp(S1, ext(5000));
        NatPacket syn = NatPacket.tcp(Kind.SYN, S1, ext(5000));
        NatPacket rst = NatPacket.tcp(Kind.RST, S1, ext(5000));
        Reason why = Reason.NO_MAPPING;
        for (Unsolicited u : Unsolicited.values()) {
            BoxTester t = new BoxTester(NatPolicy.home().withUnsolicited(u));
            NatVerdict toUdp =
                    switch (u) {
                        case DROP, TCP_RST -> new Drop(why);
                        case ICMP_PORT_UNREACHABLE, OWN_STACK ->
                                new Reject(why, Answer.ICMP_PORT_UNREACHABLE);
                        case ICMP_ADMIN_PROHIBITED -> new Reject(why, Answer.ICMP_ADMIN_PROHIBITED);
                    };
            NatVerdict toTcp =
                    switch (u) {
                        case DROP -> new Drop(why);
                        case TCP_RST, OWN_STACK -> new Reject(why, Answer.TCP_RST);
                        case ICMP_PORT_UNREACHABLE -> new Reject(why, Answer.ICMP_PORT_UNREACHABLE);
                        case ICMP_ADMIN_PROHIBITED -> new Reject(why, Answer.ICMP_ADMIN_PROHIBITED);
                    };
            assertEquals(toUdp, t.box.inbound(0, udp), u.toString());
            assertEquals(toTcp, t.box.inbound(0, syn), u.toString());
            assertEquals(new Drop(why), t.box.inbound(0, rst), "a reset is never answered");
        }
    }

    @Test
    void anAnswerOfTheOwnStackBarsThePortTowardsThatPeer() {
        NatPolicy p = NatPolicy.home().withUnsolicited(Unsolicited.OWN_STACK);
        BoxTester t = new BoxTester(p);
        assertEquals(4000, t.udp(in(4000), S1));
        assertFalse(t.reaches(S2, 4000, in(4000)));
        int poisoned = t.udp(in(4000), S2);
        assertNotEquals(4000, poisoned);
        assertEquals(poisoned, t.udp(in(4000), S2), "it stays so");
        assertTrue(t.reaches(S2, poisoned, in(4000)));
        assertEquals(4000, t.udp(in(4000), S1B), "only towards that peer");

        BoxTester clean = new BoxTester(p.withUnsolicited(Unsolicited.ICMP_PORT_UNREACHABLE));
        assertEquals(4000, clean.udp(in(4000), S1));
        assertFalse(clean.reaches(S2, 4000, in(4000)));
        assertEquals(4000, clean.udp(in(4000), S2));
    }

    @Test
    void whatTheOwnStackAnsweredIsForgotten() {
        BoxTester t = new BoxTester(NatPolicy.home().withUnsolicited(Unsolicited.OWN_STACK));
        assertEquals(4000, t.udp(in(4000), S1));
        assertFalse(t.reaches(S2, 4000, in(4000)));
        t.pass(Duration.ofSeconds(31));
        assertEquals(4000, t.udp(in(4000), S2));
    }

    // ---- hairpin

    @Test
    void hairpinComesBackFromTheAddressAsked() {
        for (Hairpin h : Hairpin.values()) {
            BoxTester t =
                    new BoxTester(nat(ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT).withHairpin(h));
            int a = t.udp(in(4000), S1);
            int b = t.udp(at("192.168.1.3", 5000), S1);
            NatVerdict v = t.box.outbound(0, NatPacket.udp(in(4000), ext(b)));
            NatVerdict expected =
                    switch (h) {
                        case NONE -> new Drop(Reason.HAIRPIN);
                        case INTERNAL_SOURCE ->
                                new Forward(Side.INSIDE, in(4000), at("192.168.1.3", 5000));
                        case EXTERNAL_SOURCE ->
                                new Forward(Side.INSIDE, ext(a), at("192.168.1.3", 5000));
                    };
            assertEquals(expected, v);
        }
    }

    @Test
    void hairpinObeysTheFilterUnlessToldOtherwise() {
        NatPolicy p =
                nat(ENDPOINT_INDEPENDENT, ADDRESS_AND_PORT_DEPENDENT)
                        .withHairpin(Hairpin.EXTERNAL_SOURCE);
        BoxTester t = new BoxTester(p);
        int a = t.udp(in(4000), S1);
        int b = t.udp(in(5000), S1);
        assertEquals(
                Reason.FILTERED,
                BoxTester.reason(t.box.outbound(0, NatPacket.udp(in(4000), ext(b)))));
        // now a has sent to b, so that b comes through to a
        assertEquals(
                new Forward(Side.INSIDE, ext(b), in(4000)),
                t.box.outbound(0, NatPacket.udp(in(5000), ext(a))));
        assertEquals(
                new Forward(Side.INSIDE, ext(a), in(5000)),
                t.box.outbound(0, NatPacket.udp(in(4000), ext(b))));

        BoxTester u = new BoxTester(p.withHairpinUnfiltered());
        int c = u.udp(in(5000), S1);
        assertTrue(u.box.outbound(0, NatPacket.udp(in(4000), ext(c))) instanceof Forward);
    }

    @Test
    void hairpinToNobodyIsUnsolicited() {
        BoxTester t =
                new BoxTester(
                        NatPolicy.home()
                                .withHairpin(Hairpin.EXTERNAL_SOURCE)
                                .withUnsolicited(Unsolicited.TCP_RST));
        assertEquals(
                new Reject(Reason.NO_MAPPING, Answer.TCP_RST),
                t.box.outbound(0, NatPacket.tcp(Kind.SYN, in(4000), ext(9999))));
    }

    // ---- ports that were asked for

    @Test
    void anExposedPortIsOpenToAllAndAnsweredFromUnderAnyPolicy() {
        for (NatConfig c : RfcConfigs.all()) {
            BoxTester t = new BoxTester(c.policy());
            for (Protocol p : Protocol.values()) {
                assertEquals(
                        Optional.of(ext(7000)), t.box.expose(t.now, p, in(4000), 7000), c.name());
                assertEquals(Optional.empty(), t.box.expose(t.now, p, at("192.168.1.3", 1), 7000));
                t.pass(Duration.ofDays(2));
                Kind first = p == Protocol.UDP ? Kind.DATA : Kind.SYN;
                NatVerdict in = t.box.inbound(t.now, new NatPacket(p, first, S2, ext(7000)));
                assertEquals(new Forward(Side.INSIDE, S2, in(4000)), in);
                Kind answer = p == Protocol.UDP ? Kind.DATA : Kind.SYN_ACK;
                NatVerdict out = t.box.outbound(t.now, new NatPacket(p, answer, in(4000), S2));
                assertEquals(new Forward(Side.OUTSIDE, ext(7000), S2), out, c.name());
                t.box.withdraw(p, ext(7000));
                in = t.box.inbound(t.now, new NatPacket(p, first, S2, ext(7000)));
                assertEquals(new Drop(Reason.NO_MAPPING), in, c.name());
            }
        }
    }

    @Test
    void anExposedPortIsNotGivenToOthersAndPinholesOpenFirewalls() {
        BoxTester t = new BoxTester(NatPolicy.home());
        t.box.expose(0, Protocol.UDP, in(4000), 5000);
        assertEquals(5001, t.udp(at("192.168.1.3", 5000), S1));
        assertEquals(5000, t.udp(in(4000), S1), "one mapping for the endpoint");
        t.box.reboot();
        assertFalse(t.reaches(S2, 5000, in(4000)));

        BoxTester fw = new BoxTester(NatPolicy.firewall(ADDRESS_AND_PORT_DEPENDENT));
        assertEquals(Optional.of(in(4000)), fw.box.expose(0, Protocol.TCP, in(4000), 0));
        assertEquals(
                new Forward(Side.INSIDE, S1, in(4000)),
                fw.box.inbound(0, NatPacket.tcp(Kind.SYN, S1, in(4000))));
    }

    // ---- ICMP

    @Test
    void errorsFindTheirWayBackIfTheyQuoteASession() {
        BoxTester t = new BoxTester(NatPolicy.home());
        t.tcp(Kind.SYN, in(4000), S1);
        NatPacket error = NatPacket.tcp(Kind.SYN, ext(4000), S1).error();
        assertEquals(new Forward(Side.INSIDE, in(4000), S1), t.box.inbound(0, error));
        NatPacket forged = NatPacket.tcp(Kind.SYN, ext(4000), S2).error();
        assertEquals(new Drop(Reason.NO_MAPPING), t.box.inbound(0, forged));
        NatPacket outwards = NatPacket.tcp(Kind.SYN, S1, in(4000)).error();
        assertEquals(new Forward(Side.OUTSIDE, S1, ext(4000)), t.box.outbound(0, outwards));
    }

    // ---- state

    @Test
    void rebootForgetsAndRenumberMoves() {
        BoxTester t = new BoxTester(nat(ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT));
        int before = t.udp(in(4000), S1);
        t.box.reboot();
        assertFalse(t.reaches(S1, before, in(4000)));
        assertNotEquals(before, t.udp(in(4000), S1));
        t.box.renumber(BoxTester.ip("203.0.113.99"));
        Forward f = (Forward) t.box.outbound(0, NatPacket.udp(in(4000), S1));
        assertEquals("203.0.113.99", f.source().getAddress().getHostAddress());
        assertTrue(
                t.box.inbound(0, NatPacket.udp(S2, f.source())) instanceof Forward,
                "the new address is known");
        assertTrue(t.log.toString().contains("renumbered 203.0.113.5 -> 203.0.113.99"));
    }

    @Test
    void aQuotaHoldsForOneHostUntilMappingsExpire() {
        BoxTester t = new BoxTester(NatPolicy.home().withQuota(3));
        for (int i = 0; i < 3; i++) {
            t.udp(in(4000 + i), S1);
        }
        assertEquals(Reason.QUOTA, t.refused(in(4003), S1));
        assertEquals(4000, t.udp(in(4000), S2), "what is mapped goes on");
        assertEquals(4003, t.udp(at("192.168.1.3", 4003), S1));
        assertEquals(4000, t.tcp(Kind.SYN, in(4000), S1), "TCP is counted by itself");
        t.pass(Duration.ofMinutes(6));
        assertEquals(4003, t.udp(in(4003), S1));
    }

    @Test
    void tablesAreBounded() {
        BoxTester t = new BoxTester(NatPolicy.home().withLimits(0, 100, 10));
        for (int i = 0; i < 100; i++) {
            t.udp(in(4000 + i), S1);
        }
        assertEquals(Reason.TABLE_FULL, t.refused(in(5000), S1));
        assertEquals(100, t.box.mappings());
        for (int i = 0; i < 11; i++) {
            t.udp(in(4000), at("198.51.100.3", 1000 + i));
        }
        assertTrue(t.reaches(at("198.51.100.3", 1010), 4000, in(4000)));
        assertTrue(t.reaches(at("198.51.100.3", 1001), 4000, in(4000)));
        assertFalse(t.reaches(at("198.51.100.3", 1000), 4000, in(4000)), "the oldest is out");
    }

    @Test
    void theLogSaysWhatTheBoxDid() {
        BoxTester t = new BoxTester(NatPolicy.symmetric());
        int port = t.udp(in(4000), S1);
        t.reaches(S2, port, in(4000));
        assertEquals(
                List.of(
                        "new udp 192.168.1.2:4000 -> 203.0.113.5:"
                                + port
                                + " for 198.51.100.1:3478",
                        "drops, FILTERED: 198.51.100.2:3478 > 203.0.113.5:" + port + " udp"),
                t.log);
    }
}
