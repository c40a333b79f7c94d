// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.itests.sim.nat.NatConfig;
import dev.karst.itests.sim.nat.P2pdConfigs;
import dev.karst.itests.sim.nattable.NatCase;
import dev.karst.itests.sim.nattable.NatCase.Outcome;
import dev.karst.itests.sim.nattable.NatCase.Terms;
import dev.karst.itests.tck.nat.LoopbackStun;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * How long the NAT detector takes, and how many packets: {@code NatBench [rounds]}. In the
 * simulated world, where time is virtual and round trips are given, behind P2PD's 35 kinds of NAT;
 * and over the real loopback, where only computing takes time. Ends with 1 if a verdict takes
 * longer than 6 round trips and 300 ms, or more than 60 packets.
 */
public final class NatBench {
    private static final int[] RTTS = {20, 100};
    private static final int SERVERS = 3;
    private static final int MOST_PACKETS = 60;

    private NatBench() {}

    /** Times in milliseconds, packets where they are known. */
    private static final class Figures {
        private final List<Double> times = new ArrayList<>();
        private final List<Double> packets = new ArrayList<>();

        static double at(List<Double> all, double part) {
            List<Double> sorted = new ArrayList<>(all);
            Collections.sort(sorted);
            return sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * part));
        }

        void say(String name) {
            System.out.printf(
                    Locale.ROOT,
                    "%-14s %4d detections: median %6.1f ms, most %6.1f ms%s%n",
                    name,
                    times.size(),
                    at(times, 0.5),
                    at(times, 1),
                    packets.isEmpty()
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "; packets: median %.0f, most %.0f",
                                    at(packets, 0.5),
                                    at(packets, 1)));
        }
    }

    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        StringBuilder result = new StringBuilder("RESULT rounds=" + rounds);
        boolean ok = true;
        for (int rtt : RTTS) {
            Figures f = simulated(rtt, rounds);
            f.say("RTT " + rtt + " ms");
            result.append(
                    String.format(
                            Locale.ROOT,
                            " rtt%d_ms=%.0f rtt%d_max_ms=%.0f rtt%d_packets=%.0f"
                                    + " rtt%d_max_packets=%.0f",
                            rtt,
                            Figures.at(f.times, 0.5),
                            rtt,
                            Figures.at(f.times, 1),
                            rtt,
                            Figures.at(f.packets, 0.5),
                            rtt,
                            Figures.at(f.packets, 1)));
            ok &= Figures.at(f.times, 1) <= 6 * rtt + 300;
            ok &= Figures.at(f.packets, 1) <= MOST_PACKETS;
        }
        Figures f = loopback(3 * rounds);
        f.say("loopback");
        result.append(
                String.format(
                        Locale.ROOT,
                        " loopback_ms=%.1f loopback_max_ms=%.1f",
                        Figures.at(f.times, 0.5),
                        Figures.at(f.times, 1)));
        System.out.println(result);
        System.exit(ok ? 0 : 1);
    }

    private static Figures simulated(int rtt, int rounds) {
        Figures out = new Figures();
        for (int seed = 1; seed <= rounds; seed++) {
            for (NatConfig config : P2pdConfigs.all()) {
                if (config.udp().passes()) {
                    Outcome o = new NatCase(seed, config.policy(), Terms.of(0).withRtt(rtt)).play();
                    out.times.add(o.nanos() / 1e6);
                    out.packets.add((double) o.packets());
                }
            }
        }
        return out;
    }

    private static Figures loopback(int rounds) {
        Figures out = new Figures();
        try (LocalWorld world = LocalWorld.netty()) {
            Scope own = world.scope();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < SERVERS; i++) {
                InetSocketAddress at =
                        new LoopbackStun(own.network(), 11 + 10 * i, false).address();
                names.add(at.getAddress().getHostAddress() + ":" + at.getPort());
            }
            StunNatDetector detector = new StunNatDetector(names);
            for (int i = 0; i < rounds; i++) {
                var scope = world.scope();
                UdpSocket shared =
                        LocalWorld.get(
                                scope.network().bindUdp(new InetSocketAddress("127.0.0.1", 0)));
                long began = System.nanoTime();
                NatBehavior b = LocalWorld.get(detector.detect(shared, later -> {}, scope));
                out.times.add((System.nanoTime() - began) / 1e6);
                if (b.udp().mapping() != Behavior.NONE) {
                    throw new IllegalStateException(b + " " + b.evidence());
                }
                scope.cancel();
            }
        }
        return out;
    }
}
