// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatVerdict.Drop;
import dev.karst.itests.sim.nat.NatVerdict.Forward;
import dev.karst.itests.sim.nat.NatVerdict.Reason;
import dev.karst.itests.sim.nat.NatVerdict.Reject;
import dev.karst.itests.sim.nat.NatVerdict.Side;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A box without world: packets by hand, time by hand. */
final class BoxTester {
    static final InetAddress OUTSIDE = ip("203.0.113.5");
    static final InetSocketAddress S1 = at("198.51.100.1", 3478);
    static final InetSocketAddress S1B = at("198.51.100.1", 3479);
    static final InetSocketAddress S2 = at("198.51.100.2", 3478);

    final List<String> log = new ArrayList<>();
    final NatBox box;
    long now;

    BoxTester(NatPolicy policy) {
        this(policy, 1);
    }

    BoxTester(NatPolicy policy, long seed) {
        box = new NatBox(policy, OUTSIDE, new SplittableRandom(seed), log::add);
    }

    static InetAddress ip(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    static InetSocketAddress at(String ip, int port) {
        return new InetSocketAddress(ip(ip), port);
    }

    /** An endpoint of the first inside host. */
    static InetSocketAddress in(int port) {
        return at("192.168.1.2", port);
    }

    static InetSocketAddress ext(int port) {
        return new InetSocketAddress(OUTSIDE, port);
    }

    void pass(Duration time) {
        now += time.toNanos();
    }

    /** Sends a datagram outwards; gives the external port, which must be at the right address. */
    int udp(InetSocketAddress from, InetSocketAddress to) {
        return port(box.outbound(now, NatPacket.udp(from, to)), to);
    }

    int tcp(Kind kind, InetSocketAddress from, InetSocketAddress to) {
        return port(box.outbound(now, NatPacket.tcp(kind, from, to)), to);
    }

    private static int port(NatVerdict v, InetSocketAddress to) {
        if (v instanceof Forward f && f.side() == Side.OUTSIDE) {
            if (!f.source().getAddress().equals(OUTSIDE) || !f.destination().equals(to)) {
                throw new AssertionError(v.toString());
            }
            return f.source().getPort();
        }
        throw new AssertionError(v.toString());
    }

    Reason refused(InetSocketAddress from, InetSocketAddress to) {
        return reason(box.outbound(now, NatPacket.udp(from, to)));
    }

    static Reason reason(NatVerdict v) {
        if (v instanceof Drop d) {
            return d.reason();
        }
        if (v instanceof Reject r) {
            return r.reason();
        }
        throw new AssertionError(v.toString());
    }

    /** Whether a datagram from outside comes in; then it has to reach that endpoint. */
    boolean reaches(InetSocketAddress from, int external, InetSocketAddress inside) {
        return arrived(box.inbound(now, NatPacket.udp(from, ext(external))), from, inside);
    }

    boolean reaches(Kind kind, InetSocketAddress from, int external, InetSocketAddress inside) {
        return arrived(box.inbound(now, NatPacket.tcp(kind, from, ext(external))), from, inside);
    }

    private static boolean arrived(NatVerdict v, InetSocketAddress from, InetSocketAddress inside) {
        if (v instanceof Forward f) {
            Forward expected = new Forward(Side.INSIDE, from, inside);
            if (!f.equals(expected)) {
                throw new AssertionError(f + " instead of " + expected);
            }
            return true;
        }
        return false;
    }
}
