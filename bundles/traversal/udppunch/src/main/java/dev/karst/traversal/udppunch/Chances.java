// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.traversal.Odds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/** Which pairs of NATs let two sides meet without guessing ports. */
final class Chances {
    private static final Duration TIME = Duration.ofMillis(500);
    private static final int PACKETS = 60;

    /** What the other side may know of a NAT's next mapping, and what it lets in. */
    private enum Gate {
        /** Nothing goes out. */
        SHUT,
        /** The port is known, and anybody may come in. */
        OPEN,
        /** The port is known; who was written to may come in, from any port. */
        BY_ADDRESS,
        /** The port is known; who was written to may come in. */
        BY_PORT,
        /** The port is another for each destination; whatever was written to may come in. */
        MOVING
    }

    private Chances() {}

    static Odds of(NatProfile local, NatProfile remote) {
        double chance =
                Math.max(
                        chance(local.ipv4(), remote.ipv4(), 0.5),
                        chance(local.ipv6(), remote.ipv6(), 0));
        return new Odds(chance, TIME, PACKETS);
    }

    /** Of one family; {@code unknown} where nothing is known of a side. */
    private static double chance(
            Optional<NatBehavior> local, Optional<NatBehavior> remote, double unknown) {
        if (local.isEmpty() || remote.isEmpty()) {
            boolean shut = local.or(() -> remote).filter(b -> gate(b) == Gate.SHUT).isPresent();
            return shut ? 0 : unknown;
        }
        NatBehavior l = local.get();
        NatBehavior r = remote.get();
        double chance = chance(gate(l), gate(r)) * trust(l) * trust(r);
        return gate(l) != Gate.SHUT && gate(r) != Gate.SHUT && sameHome(l, r)
                ? Math.max(chance, 0.8) // host candidates
                : chance;
    }

    private static double chance(Gate a, Gate b) {
        if (a == Gate.SHUT || b == Gate.SHUT) {
            return 0;
        }
        if (a == Gate.OPEN || b == Gate.OPEN) {
            return 0.97;
        }
        if (a != Gate.MOVING && b != Gate.MOVING) {
            return 0.97;
        }
        if (a == Gate.BY_ADDRESS || b == Gate.BY_ADDRESS) {
            return 0.9; // the moving side's checks come from an address that was written to
        }
        return a == b ? 0.02 : 0.05; // ports must be predicted: another strategy's
    }

    private static Gate gate(NatBehavior b) {
        Behavior mapping = b.udp().mapping();
        if (mapping == Behavior.BLOCKED || b.udp().filtering() == Behavior.BLOCKED) {
            return Gate.SHUT;
        }
        if (!portKnown(b)) {
            return Gate.MOVING;
        }
        return switch (b.udp().filtering()) {
            case NONE, ENDPOINT_INDEPENDENT -> Gate.OPEN;
            case ADDRESS_DEPENDENT -> Gate.BY_ADDRESS;
            default ->
                    mapping == Behavior.NONE && b.udp().filtering() == Behavior.UNKNOWN
                            ? Gate.OPEN
                            : Gate.BY_PORT;
        };
    }

    private static boolean portKnown(NatBehavior b) {
        Behavior mapping = b.udp().mapping();
        return mapping != Behavior.ADDRESS_DEPENDENT
                        && mapping != Behavior.ADDRESS_AND_PORT_DEPENDENT
                || preserved(b);
    }

    private static boolean preserved(NatBehavior b) {
        PortAllocation a = b.udp().allocation();
        return a.kind() == PortAllocation.Kind.PRESERVED && a.confidence() >= 0.5;
    }

    private static double trust(NatBehavior b) {
        Behavior mapping = b.udp().mapping();
        boolean moves =
                mapping == Behavior.ADDRESS_DEPENDENT
                        || mapping == Behavior.ADDRESS_AND_PORT_DEPENDENT;
        double trust = mapping == Behavior.UNKNOWN ? 0.6 : moves && preserved(b) ? 0.7 : 1;
        return b.hints().contains(Hint.SEVERAL_ADDRESSES) && moves ? trust * 0.4 : trust;
    }

    private static boolean sameHome(NatBehavior l, NatBehavior r) {
        Optional<InetAddress> outside = l.mapped().map(InetSocketAddress::getAddress);
        return outside.isPresent() && outside.equals(r.mapped().map(InetSocketAddress::getAddress));
    }
}
