// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.connect.Verdict.Tally;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import java.util.Optional;

/**
 * What stands between two nodes, in words.
 *
 * @param remote as the peer says, unproven
 */
record Nats(NatProfile local, NatProfile remote) {
    static final Nats UNKNOWN = new Nats(NatProfile.unknown(), NatProfile.unknown());

    /** Why a direct path is hard here. */
    String obstacle() {
        boolean ours = moves(local);
        boolean theirs = moves(remote);
        if (blocked(local) || blocked(remote)) {
            return "UDP does not leave " + side(blocked(local)) + " network";
        }
        if (ours && theirs) {
            return "both NATs give each destination another port ("
                    + ports(local)
                    + " here, "
                    + ports(remote)
                    + " there), so neither side can tell the other where to send";
        }
        if ((ours || theirs) && picky(ours ? remote : local)) {
            return side(ours)
                    + " NAT gives each destination another port ("
                    + ports(ours ? local : remote)
                    + "), and "
                    + side(!ours)
                    + " lets in only the ports that it wrote to";
        }
        if (local.ipv4().isEmpty() && local.ipv6().isEmpty()) {
            return "nothing is known of the NAT on this side";
        }
        if (remote.ipv4().isEmpty() && remote.ipv6().isEmpty()) {
            return "the peer told nothing of its NAT";
        }
        return "the NATs would let it through, so something on the way drops packets, or the peer"
                + " took no part";
    }

    /**
     * What would give a direct path.
     *
     * @param relayed whether a relay carries it meanwhile
     */
    String help(boolean relayed, Tally tally) {
        if (blocked(local) || blocked(remote)) {
            return "let UDP out of " + side(blocked(local)) + " network";
        }
        if (local.ipv4().isEmpty() && local.ipv6().isEmpty()) {
            return "name STUN servers in dev.karst.nat.stun, so that this side's NAT is known";
        }
        if (translated(local) && !carrier(local)) {
            return "open UDP "
                    + local.ipv4()
                            .flatMap(NatBehavior::local)
                            .map(a -> String.valueOf(a.getPort()))
                            .orElse("(karst:ports tells which)")
                    + " on this side's router";
        }
        if (translated(remote) && !carrier(remote)) {
            return "open the peer's UDP port on its router (karst:ports there tells which)";
        }
        if (carrier(local) || carrier(remote)) {
            return side(carrier(local))
                    + " carrier gives "
                    + ports(carrier(local) ? local : remote)
                    + " ports: a direct path succeeded in "
                    + tally.direct()
                    + " of "
                    + tally.efforts()
                    + (relayed ? "; keep the relay" : "; use a relay")
                    + ", or have IPv6 on both sides";
        }
        return "see the attempts for what each place answered";
    }

    private static String side(boolean ours) {
        return ours ? "this side's" : "the peer's";
    }

    /** Whether UDP over IPv4 does not get out there. */
    static boolean blocked(NatProfile nat) {
        return is(nat, Behavior.BLOCKED);
    }

    private static boolean is(NatProfile nat, Behavior mapping) {
        return nat.ipv4().filter(b -> b.udp().mapping() == mapping).isPresent();
    }

    private static boolean moves(NatProfile nat) {
        return is(nat, Behavior.ADDRESS_DEPENDENT) || is(nat, Behavior.ADDRESS_AND_PORT_DEPENDENT);
    }

    private static boolean translated(NatProfile nat) {
        return moves(nat) || is(nat, Behavior.ENDPOINT_INDEPENDENT);
    }

    /** Nobody but the carrier can open a port there. */
    private static boolean carrier(NatProfile nat) {
        Optional<NatBehavior> b = nat.ipv4();
        return b.filter(x -> x.hints().contains(Hint.CGNAT) || x.hints().contains(Hint.DOUBLE_NAT))
                .isPresent();
    }

    private static boolean picky(NatProfile nat) {
        return nat.ipv4()
                .filter(b -> b.udp().filtering() == Behavior.ADDRESS_AND_PORT_DEPENDENT)
                .isPresent();
    }

    private static String ports(NatProfile nat) {
        PortAllocation.Kind kind =
                nat.ipv4()
                        .map(b -> b.udp().allocation().kind())
                        .orElse(PortAllocation.Kind.UNKNOWN);
        return switch (kind) {
            case RANDOM -> "random";
            case INDEPENDENT_STEP, DEPENDENT_STEP -> "sequential";
            case PRESERVED, PRESERVING_DISTANCE -> "preserved";
            case UNKNOWN -> "unpredicted";
        };
    }
}
