// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.Allocation.Clash;
import dev.karst.itests.sim.nat.Allocation.Sharing;
import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.itests.sim.nat.NatVerdict.Forward;
import dev.karst.itests.sim.nat.NatVerdict.Side;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Any policy, any packets, few ports: what went out can be answered, nothing grows for ever. */
class NatBoxFuzzTest {
    private static final int LO = 30_000;
    private static final int HI = 30_059;

    @Test
    void whateverWentOutCanBeAnswered() {
        for (int seed = 0; seed < 400; seed++) {
            play(seed);
        }
    }

    private static <T> T any(SplittableRandom r, T[] of) {
        return of[r.nextInt(of.length)];
    }

    private static Allocation allocation(SplittableRandom r) {
        return new Allocation(
                any(r, Allocation.Kind.values()),
                any(r, new Integer[] {1, 2, -1, 7, -60, 1000}),
                any(r, Clash.values()),
                any(r, Sharing.values()),
                r.nextBoolean(),
                LO,
                HI);
    }

    private static NatPolicy policy(SplittableRandom r) {
        Dependence[] all = Dependence.values();
        Dependence[] translating = {all[1], all[2], all[3]};
        NatPolicy p =
                NatPolicy.nat(any(r, translating), any(r, translating), allocation(r))
                        .withHairpin(any(r, Hairpin.values()))
                        .withUnsolicited(any(r, Unsolicited.values()))
                        .withBackground(r.nextInt(3) == 0 ? 2 : 0)
                        .withTimers(
                                NatTimers.recommended()
                                        .withUdp(Duration.ofSeconds(20), any(r, Refresh.values())));
        return p.withLimits(r.nextBoolean() ? 12 : 0, 40, 3 + r.nextInt(5));
    }

    private static void play(long seed) {
        SplittableRandom r = new SplittableRandom(seed);
        NatPolicy policy = policy(r);
        BoxTester t = new BoxTester(policy, seed);
        for (int i = 0; i < 300; i++) {
            t.pass(Duration.ofMillis(r.nextInt(2000)));
            String where = "seed " + seed + " step " + i + " " + policy;
            Protocol protocol = any(r, Protocol.values());
            Kind kind = protocol == Protocol.UDP ? Kind.DATA : any(r, Kind.values());
            InetSocketAddress inside =
                    BoxTester.at("192.168.1." + r.nextInt(2, 6), 4000 + r.nextInt(8));
            InetSocketAddress far =
                    BoxTester.at("198.51.100." + r.nextInt(1, 4), 80 + r.nextInt(3));
            InetSocketAddress ext = BoxTester.ext(LO + r.nextInt(HI - LO + 1));
            switch (r.nextInt(4)) {
                case 0 -> t.box.inbound(t.now, new NatPacket(protocol, kind, far, ext));
                case 1 -> t.box.outbound(t.now, new NatPacket(protocol, kind, inside, ext));
                default -> outAndBack(t, new NatPacket(protocol, kind, inside, far), where);
            }
            assertTrue(t.box.mappings() <= 80, where);
            if (r.nextInt(200) == 0) {
                t.box.reboot();
            }
        }
    }

    private static void outAndBack(BoxTester t, NatPacket p, String where) {
        NatVerdict v = t.box.outbound(t.now, p);
        if (!(v instanceof Forward f) || p.kind() == Kind.RST || p.kind() == Kind.ICMP_ERROR) {
            return;
        }
        assertEquals(Side.OUTSIDE, f.side(), where);
        int port = f.source().getPort();
        assertTrue(port >= LO && port <= HI, where);
        Kind answer = p.kind() == Kind.SYN ? Kind.SYN_ACK : Kind.DATA;
        NatPacket back = new NatPacket(p.protocol(), answer, p.to(), f.source());
        NatVerdict in = t.box.inbound(t.now, back);
        if (p.protocol() == Protocol.TCP && p.kind() != Kind.SYN) {
            return; // it may have been reset, and then nothing has to come in
        }
        assertEquals(new Forward(Side.INSIDE, p.to(), p.from()), in, where);
        NatPacket error = new NatPacket(p.protocol(), Kind.DATA, f.source(), p.to()).error();
        assertEquals(
                new Forward(Side.INSIDE, p.from(), p.to()), t.box.inbound(t.now, error), where);
    }
}
