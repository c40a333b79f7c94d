// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.traversal.Odds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/** Which pairs of NATs let two sides meet without guessing ports. */
final class Chances {
    private static final Duration TIME = Duration.ofMillis(500);
    private static final int PACKETS = 60;

    /** Where one side has no UDP it reaches a relay by TCP, if at all. */
    private static final double RELAY_ONLY = 0.01;

    /** Whom a side lets in. */
    private enum Filter {
        ANYBODY,
        /** Whom it wrote to, from any port. */
        BY_ADDRESS,
        BY_PORT
    }

    private Chances() {}

    static Odds of(NatProfile local, NatProfile remote) {
        double chance =
                Math.max(
                        chance(local.ipv4(), remote.ipv4(), 0.5),
                        chance(local.ipv6(), remote.ipv6(), 0));
        return new Odds(Math.max(chance, RELAY_ONLY), TIME, PACKETS);
    }

    /** Whether no UDP leaves one of the two sides, so that only a relay is left. */
    static boolean relayOnly(NatProfile local, NatProfile remote) {
        return (shut(local.ipv4()) || shut(remote.ipv4()))
                && chance(local.ipv6(), remote.ipv6(), 0) == 0;
    }

    /** Whether no UDP leaves that side by IPv4. */
    static boolean shut(NatProfile nat) {
        return shut(nat.ipv4());
    }

    /** Of one family; {@code unknown} where nothing is known of a side. */
    private static double chance(
            Optional<NatBehavior> local, Optional<NatBehavior> remote, double unknown) {
        if (shut(local) || shut(remote)) {
            return 0;
        }
        if (local.isEmpty() || remote.isEmpty()) {
            return unknown;
        }
        NatBehavior l = local.get();
        NatBehavior r = remote.get();
        double chance = chance(l, r) * trust(l) * trust(r);
        return sameHome(l, r) ? Math.max(chance, 0.8) : chance; // host candidates
    }

    private static boolean shut(Optional<NatBehavior> nat) {
        return nat.map(NatBehavior::udp)
                .filter(u -> u.mapping() == Behavior.BLOCKED || u.filtering() == Behavior.BLOCKED)
                .isPresent();
    }

    private static double chance(NatBehavior a, NatBehavior b) {
        if (moves(a) && moves(b)) {
            // By the port that a STUN server saw one gets in; the answers come from another port,
            // and the chase ends only where somebody has one mapping for each address.
            boolean one = filter(a) == Filter.ANYBODY || filter(b) == Filter.ANYBODY;
            boolean other = filter(a) != Filter.BY_PORT && filter(b) != Filter.BY_PORT;
            return one && other && (byAddress(a) || byAddress(b)) ? 0.9 : 0.02;
        }
        if (moves(a) || moves(b)) {
            // The moving side's checks come from an address that was written to, and a new port.
            return switch (filter(moves(a) ? b : a)) {
                case ANYBODY -> 0.97;
                case BY_ADDRESS -> 0.9;
                case BY_PORT -> 0.05; // ports must be predicted: another strategy's
            };
        }
        return 0.97;
    }

    private static Filter filter(NatBehavior b) {
        return switch (b.udp().filtering()) {
            case NONE, ENDPOINT_INDEPENDENT -> Filter.ANYBODY;
            case ADDRESS_DEPENDENT -> Filter.BY_ADDRESS;
            case UNKNOWN -> b.udp().mapping() == Behavior.NONE ? Filter.ANYBODY : Filter.BY_PORT;
            default -> Filter.BY_PORT;
        };
    }

    private static boolean byAddress(NatBehavior b) {
        return b.udp().mapping() == Behavior.ADDRESS_DEPENDENT;
    }

    /** Whether another destination sees another port; that ports are preserved changes nothing. */
    private static boolean moves(NatBehavior b) {
        return byAddress(b) || b.udp().mapping() == Behavior.ADDRESS_AND_PORT_DEPENDENT;
    }

    private static double trust(NatBehavior b) {
        double trust = b.udp().mapping() == Behavior.UNKNOWN ? 0.6 : 1;
        return b.hints().contains(Hint.SEVERAL_ADDRESSES) && moves(b) ? trust * 0.4 : trust;
    }

    private static boolean sameHome(NatBehavior l, NatBehavior r) {
        Optional<InetAddress> outside = l.mapped().map(InetSocketAddress::getAddress);
        return outside.isPresent() && outside.equals(r.mapped().map(InetSocketAddress::getAddress));
    }
}
