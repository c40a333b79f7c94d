// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import static dev.karst.itests.sim.nat.BoxTester.S1;
import static dev.karst.itests.sim.nat.BoxTester.S1B;
import static dev.karst.itests.sim.nat.BoxTester.S2;
import static dev.karst.itests.sim.nat.BoxTester.at;
import static dev.karst.itests.sim.nat.BoxTester.in;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.Allocation.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.itests.sim.nat.NatVerdict.Forward;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Looks at each configuration from outside, knowing nothing of it. */
class ConfigsTest {
    private static final InetSocketAddress NOBODY = at("198.51.100.9", 9);

    static Stream<NatConfig> configs() {
        return Stream.of(
                        P2pdConfigs.all(), RfcConfigs.all(), P2pdConfigs.all(-3), RfcConfigs.all(5))
                .flatMap(List::stream);
    }

    @Test
    void thereAreAllOfThem() {
        assertEquals(35, names(P2pdConfigs.all()).size());
        assertEquals(45, names(RfcConfigs.all()).size());
        assertEquals(1, seen(P2pdConfigs.all(), "OPEN_INTERNET").size(), "look alike");
        assertEquals(1, seen(P2pdConfigs.all(), "SYMMETRIC_UDP_FIREWALL").size());
        assertEquals(1, seen(P2pdConfigs.all(), "BLOCKED").size());
        assertEquals(5, seen(P2pdConfigs.all(), "SYMMETRIC_NAT").size());
    }

    private static Set<String> names(List<NatConfig> configs) {
        Set<String> out = new HashSet<>();
        configs.forEach(c -> out.add(c.name()));
        return out;
    }

    private static Set<Seen> seen(List<NatConfig> configs, String type) {
        Set<Seen> out = new HashSet<>();
        configs.stream().filter(c -> c.name().startsWith(type)).forEach(c -> out.add(c.udp()));
        return out;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void whatIsSeenIsWhatIsPromised(NatConfig c) {
        for (long seed = 1; seed <= 5; seed++) {
            assertEquals(c.udp(), new Observer(c.policy(), Protocol.UDP, seed).look(), "udp " + c);
            assertEquals(c.tcp(), new Observer(c.policy(), Protocol.TCP, seed).look(), "tcp " + c);
        }
    }

    private static final class Observer {
        private final BoxTester t;
        private final Protocol protocol;

        Observer(NatPolicy policy, Protocol protocol, long seed) {
            this.t = new BoxTester(policy, seed);
            this.protocol = protocol;
        }

        private NatPacket packet(InetSocketAddress from, InetSocketAddress to) {
            return protocol == Protocol.UDP
                    ? NatPacket.udp(from, to)
                    : NatPacket.tcp(NatPacket.Kind.SYN, from, to);
        }

        private Optional<InetSocketAddress> out(int local, InetSocketAddress to) {
            NatVerdict v = t.box.outbound(t.now, packet(in(local), to));
            return v instanceof Forward f ? Optional.of(f.source()) : Optional.empty();
        }

        private boolean comesIn(InetSocketAddress from, InetSocketAddress to) {
            return t.box.inbound(t.now, packet(from, to)) instanceof Forward;
        }

        Seen look() {
            Optional<InetSocketAddress> first = out(5000, S1);
            if (first.isEmpty()) {
                assertTrue(!comesIn(S1, BoxTester.ext(5000)));
                return Seen.blocked();
            }
            InetSocketAddress mapped = first.get();
            Dependence filtering = filtering(mapped);
            if (mapped.equals(in(5000))) {
                return new Seen(true, Dependence.NONE, filtering, Optional.empty(), 0);
            }
            boolean port = mapped.equals(out(5000, S1B).orElseThrow());
            boolean address = mapped.equals(out(5000, S2).orElseThrow());
            Dependence mapping =
                    address
                            ? Dependence.ENDPOINT_INDEPENDENT
                            : port
                                    ? Dependence.ADDRESS_DEPENDENT
                                    : Dependence.ADDRESS_AND_PORT_DEPENDENT;
            return allocation(mapping, filtering);
        }

        private Dependence filtering(InetSocketAddress mapped) {
            boolean other = comesIn(NOBODY, mapped);
            boolean port = comesIn(at("198.51.100.1", 9999), mapped);
            boolean unmapped = comesIn(S1, new InetSocketAddress(mapped.getAddress(), 77));
            if (unmapped) {
                return Dependence.NONE;
            }
            return other
                    ? Dependence.ENDPOINT_INDEPENDENT
                    : port ? Dependence.ADDRESS_DEPENDENT : Dependence.ADDRESS_AND_PORT_DEPENDENT;
        }

        /** Ports apart, then ports in a row. */
        private Seen allocation(Dependence mapping, Dependence filtering) {
            int[] local = {6000, 6010, 6030, 6060, 6100};
            int[] apart = new int[local.length];
            for (int i = 0; i < local.length; i++) {
                apart[i] = out(local[i], S1).orElseThrow().getPort();
            }
            int[] row = new int[5];
            for (int i = 0; i < row.length; i++) {
                row[i] = out(7000 + i, S1).orElseThrow().getPort();
            }
            int step = step(row);
            Kind kind;
            if (apart[0] == local[0] && apart[1] == local[1]) {
                kind = Kind.PRESERVE;
                step = 0;
            } else if (distance(apart, 1) == 10 && distance(apart, 4) == 40) {
                kind = Kind.PRESERVE_DISTANCE;
                step = 0;
            } else if (step != 0 && step(apart) == step) {
                kind = Kind.INDEPENDENT_STEP;
            } else {
                kind = step != 0 ? Kind.DEPENDENT_STEP : Kind.RANDOM;
            }
            return new Seen(true, mapping, filtering, Optional.of(kind), step);
        }

        /** From one port to the next, going round at the end of 1024 to 65535. */
        private static int distance(int[] ports, int i) {
            int d = Math.floorMod(ports[i] - ports[i - 1], 64512);
            return d > 32256 ? d - 64512 : d;
        }

        private static int step(int[] ports) {
            int d = distance(ports, 1);
            for (int i = 2; i < ports.length; i++) {
                if (distance(ports, i) != d) {
                    return 0;
                }
            }
            return d;
        }
    }
}
