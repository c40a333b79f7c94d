// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.Odds;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a connection from a local port will seem to come from: the local port itself where nothing
 * is translated or the NAT preserves ports. Others need prediction, which is another strategy's.
 */
final class Outside {
    private static final Duration TIME = Duration.ofMillis(1_500);
    private static final int PACKETS = 80;
    private static final double BEST = 0.75; // boxes that answer SYNs by RST or ICMP remain

    private Outside() {}

    static Odds odds(NatProfile local, NatProfile remote) {
        double v4 = known(local.ipv4(), 0.4) * known(remote.ipv4(), 0.4);
        double v6 = known(local.ipv6(), 0) * known(remote.ipv6(), 0);
        return new Odds(BEST * Math.max(v4, v6), TIME, PACKETS);
    }

    /** How sure the outside port is. */
    private static double known(Optional<NatBehavior> nat, double unknown) {
        return nat.map(b -> known(b.tcp(), b.udp())).orElse(unknown);
    }

    private static double known(Translation tcp, Translation udp) {
        if (tcp.mapping() == Behavior.BLOCKED || tcp.filtering() == Behavior.BLOCKED) {
            return 0;
        }
        if (tcp.mapping() == Behavior.NONE) {
            return 1;
        }
        PortAllocation a = tcp.allocation();
        return switch (a.kind()) {
            case PRESERVED -> Math.max(0.5, a.confidence());
            case UNKNOWN ->
                    udp.mapping() == Behavior.NONE
                                    || udp.allocation().kind() == PortAllocation.Kind.PRESERVED
                            ? 0.7
                            : 0.3;
            default -> 0.05;
        };
    }

    /** Where the peer should knock, one place for each family that has one. */
    static List<InetSocketAddress> places(NatProfile local, int port) {
        List<InetSocketAddress> out = new ArrayList<>();
        place(local.ipv4(), port).ifPresent(out::add);
        place(local.ipv6(), port).ifPresent(out::add);
        return out;
    }

    private static Optional<InetSocketAddress> place(Optional<NatBehavior> nat, int port) {
        return nat.filter(b -> b.tcp().mapping() != Behavior.BLOCKED)
                .flatMap(b -> b.mapped().or(b::local))
                .filter(a -> usable(a))
                .map(a -> new InetSocketAddress(a.getAddress(), port));
    }

    /** Unicast, and not this machine. */
    static boolean usable(InetSocketAddress a) {
        return !a.isUnresolved()
                && a.getPort() != 0
                && !a.getAddress().isAnyLocalAddress()
                && !a.getAddress().isLoopbackAddress()
                && !a.getAddress().isMulticastAddress();
    }
}
