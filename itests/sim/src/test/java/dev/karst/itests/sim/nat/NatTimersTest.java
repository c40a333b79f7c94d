// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static dev.karst.itests.sim.nat.BoxTester.S1;
import static dev.karst.itests.sim.nat.BoxTester.S2;
import static dev.karst.itests.sim.nat.BoxTester.in;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatVerdict.Drop;
import dev.karst.itests.sim.nat.NatVerdict.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NatTimersTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static NatPolicy policy(Refresh refresh) {
        return NatPolicy.home()
                .withAllocation(Allocation.random())
                .withTimers(NatTimers.recommended().withUdp(Duration.ofSeconds(30), refresh));
    }

    @Test
    void aMappingEndsWhenNobodySpeaks() {
        BoxTester t = new BoxTester(policy(Refresh.SLIDING));
        int port = t.udp(in(4000), S1);
        t.pass(Duration.ofMillis(29_999));
        assertTrue(t.reaches(S1, port, in(4000)));
        t.pass(Duration.ofSeconds(30));
        assertFalse(t.reaches(S1, port, in(4000)));
        assertNotEquals(port, t.udp(in(4000), S1));
        assertTrue(t.log.toString().contains("expired udp 192.168.1.2:4000"), t.log.toString());
    }

    @Test
    void whatKeepsAMappingAliveIsUpToThePolicy() {
        for (Refresh r : Refresh.values()) {
            assertEquals(r == Refresh.SLIDING, outlives(r, false), r + " by inbound");
            assertEquals(r != Refresh.ABSOLUTE, outlives(r, true), r + " by outbound");
        }
    }

    private static boolean outlives(Refresh refresh, boolean outbound) {
        BoxTester t = new BoxTester(policy(refresh));
        int port = t.udp(in(4000), S1);
        for (int i = 0; i < 29; i++) {
            t.pass(SECOND);
            if (outbound) {
                t.udp(in(4000), S1);
            } else {
                assertTrue(t.reaches(S1, port, in(4000)));
            }
        }
        t.pass(SECOND.multipliedBy(2));
        return t.reaches(S1, port, in(4000));
    }

    @Test
    void onlyWhatThePolicySaysKeepsThePort() {
        for (Refresh r : Refresh.values()) {
            BoxTester t =
                    new BoxTester(
                            policy(r)
                                    .withUdp(
                                            u -> u.withFiltering(Dependence.ENDPOINT_INDEPENDENT)));
            int port = t.udp(in(4000), S1);
            t.pass(SECOND.multipliedBy(20));
            assertTrue(t.reaches(S2, port, in(4000)));
            t.pass(SECOND.multipliedBy(20));
            assertEquals(r == Refresh.SLIDING, t.reaches(S2, port, in(4000)), r.toString());
        }
    }

    @Test
    void aPeerThatWentSilentIsFilteredWhileTheMappingLivesOn() {
        BoxTester t = new BoxTester(policy(Refresh.SLIDING));
        int port = t.udp(in(4000), S1);
        t.pass(SECOND.multipliedBy(20));
        assertEquals(port, t.udp(in(4000), S2));
        t.pass(SECOND.multipliedBy(20));
        assertFalse(t.reaches(S1, port, in(4000)));
        assertTrue(t.reaches(S2, port, in(4000)));
    }

    @Test
    void anUnansweredSynIsForgottenAfterFourMinutes() {
        BoxTester t = new BoxTester(policy(Refresh.SLIDING));
        int port = t.tcp(Kind.SYN, in(4000), S1);
        t.pass(SECOND.multipliedBy(239));
        assertTrue(t.reaches(Kind.SYN_ACK, S1, port, in(4000)));
        t.pass(SECOND.multipliedBy(241));
        assertFalse(t.reaches(Kind.SYN_ACK, S1, port, in(4000)));
    }

    private static int established(BoxTester t) {
        int port = t.tcp(Kind.SYN, in(4000), S1);
        assertTrue(t.reaches(Kind.SYN_ACK, S1, port, in(4000)));
        assertEquals(port, t.tcp(Kind.DATA, in(4000), S1));
        return port;
    }

    @Test
    void anOpenConnectionMayBeIdleForTwoHours() {
        BoxTester t = new BoxTester(policy(Refresh.SLIDING));
        int port = established(t);
        t.pass(Duration.ofMinutes(123));
        assertTrue(t.reaches(Kind.DATA, S1, port, in(4000)));
        t.pass(Duration.ofMinutes(125));
        assertFalse(t.reaches(Kind.DATA, S1, port, in(4000)));
    }

    @Test
    void aConnectionThatEndedIsForgottenSooner() {
        BoxTester t = new BoxTester(policy(Refresh.SLIDING));
        int port = established(t);
        t.tcp(Kind.FIN, in(4000), S1);
        t.pass(Duration.ofMinutes(60));
        assertTrue(t.reaches(Kind.FIN, S1, port, in(4000)), "half closed is still open");
        t.tcp(Kind.DATA, in(4000), S1);
        t.pass(SECOND.multipliedBy(241));
        assertFalse(t.reaches(Kind.DATA, S1, port, in(4000)));
    }

    @Test
    void aResetClosesTheDoorAtOnceAndAnotherSynOpensTheSame() {
        BoxTester t = new BoxTester(policy(Refresh.SLIDING));
        int port = t.tcp(Kind.SYN, in(4000), S1);
        assertTrue(t.reaches(Kind.RST, S1, port, in(4000)));
        assertFalse(t.reaches(Kind.SYN, S1, port, in(4000)));
        t.pass(SECOND.multipliedBy(9));
        assertEquals(port, t.tcp(Kind.SYN, in(4000), S1));
        assertTrue(t.reaches(Kind.SYN, S1, port, in(4000)));
        assertTrue(t.reaches(Kind.RST, S1, port, in(4000)));
        t.pass(SECOND.multipliedBy(11));
        assertNotEquals(port, t.tcp(Kind.SYN, in(4000), S1));
    }

    @Test
    void aConnectionThatTheBoxForgotGoesOnOnlyWithPickup() {
        BoxTester t = new BoxTester(NatPolicy.home());
        established(t);
        t.box.reboot();
        assertEquals(4000, t.tcp(Kind.DATA, in(4000), S1));

        BoxTester strict = new BoxTester(NatPolicy.home().withoutTcpPickup());
        established(strict);
        strict.box.reboot();
        assertEquals(
                new Drop(Reason.NO_STATE),
                strict.box.outbound(0, NatPacket.tcp(Kind.DATA, in(4000), S1)));
    }
}
