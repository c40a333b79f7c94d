// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.IpAddresses;
import dev.karst.lib.ice.IcePairReport;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.traversal.Attempt;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** What happened, for people. */
final class Words {
    private Words() {}

    static Throwable cause(Throwable e) {
        Throwable t = e;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    static String reason(Throwable e) {
        Throwable t = cause(e);
        return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    }

    static String millis(long nanos) {
        return Math.round(nanos / 1e5) / 10.0 + " ms";
    }

    /** {@code srflx 203.0.113.5:4000: 6 checks sent, no answer, nothing came from there}. */
    static String pair(IcePairReport p, InetSocketAddress local) {
        String answer =
                p.answered()
                        ? "answered in " + millis(p.rtt())
                        : p.sent() == 0 ? "not tried" : "no answer";
        return p.localType().token()
                + " "
                + IpAddresses.text(local)
                + " to "
                + p.remote()
                + ": "
                + p.sent()
                + " checks sent, "
                + answer
                + ", "
                + (p.asked() == 0 ? "nothing" : p.asked() + " checks")
                + " came from there";
    }

    /** Why nothing was found, as far as one can tell. */
    static String verdict(Attempt attempt, List<IcePairReport> pairs) {
        Optional<NatBehavior> local = attempt.localNat().ipv4();
        Optional<NatBehavior> remote = attempt.remoteNat().ipv4();
        if (pairs.isEmpty()) {
            return "the peer named no UDP address that this side could reach";
        }
        if (is(local, Behavior.BLOCKED) || is(remote, Behavior.BLOCKED)) {
            return "UDP is blocked on "
                    + (is(local, Behavior.BLOCKED) ? "this" : "the peer's")
                    + " side";
        }
        boolean ours = moves(local);
        boolean theirs = moves(remote);
        if (ours && theirs) {
            return "both NATs map by destination: neither side can know the other's port ("
                    + ports(local)
                    + " here, "
                    + ports(remote)
                    + " there)";
        }
        if (theirs || ours) {
            return (theirs ? "the peer's" : "our")
                    + " NAT maps by destination to "
                    + ports(theirs ? remote : local)
                    + " ports, and the other side lets in only ports that it wrote to";
        }
        if (pairs.stream().anyMatch(p -> p.asked() > 0)) {
            return "the peer's packets came through, ours were not answered";
        }
        return "nothing came from the peer: its side did not take part, or something on the way"
                + " drops UDP";
    }

    private static boolean is(Optional<NatBehavior> nat, Behavior mapping) {
        return nat.filter(b -> b.udp().mapping() == mapping).isPresent();
    }

    private static boolean moves(Optional<NatBehavior> nat) {
        return is(nat, Behavior.ADDRESS_DEPENDENT) || is(nat, Behavior.ADDRESS_AND_PORT_DEPENDENT);
    }

    private static String ports(Optional<NatBehavior> nat) {
        PortAllocation.Kind kind =
                nat.map(b -> b.udp().allocation().kind()).orElse(PortAllocation.Kind.UNKNOWN);
        return switch (kind) {
            case RANDOM -> "random";
            case INDEPENDENT_STEP, DEPENDENT_STEP -> "sequential";
            case PRESERVED, PRESERVING_DISTANCE -> "preserved";
            default -> "other";
        };
    }
}
