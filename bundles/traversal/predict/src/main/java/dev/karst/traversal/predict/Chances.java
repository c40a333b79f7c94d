// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.Odds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which ways are worth trying between two NATs, and what they promise. */
final class Chances {
    /** What sockets and resends of one round cost. */
    private static final int ROUND_PACKETS = 100;

    private static final Duration ROUND = Duration.ofMillis(1_200);
    private static final Duration TCP_ROUND = Duration.ofMillis(2_500);

    /** From the observation to the first packet. */
    static final double DELAY = 0.3;

    private static final double FIXED = 0.98;
    private static final double TCP = 0.75; // boxes that answer SYNs by RST or ICMP remain

    /** One way and what it promises. */
    record Option(Way way, Odds odds) {
        private double rank() {
            return odds.chance() / (odds.time().toMillis() + 1);
        }
    }

    private Chances() {}

    static Odds of(NatProfile local, NatProfile remote, Limits limits) {
        return options(local, remote, limits, true).stream()
                .map(Option::odds)
                .max(Comparator.comparingDouble(Odds::chance))
                .orElse(new Odds(0, ROUND, 0));
    }

    /**
     * The best first; empty where there is none, or other strategies need no guess.
     *
     * @param initiator whether the local side is
     */
    static List<Option> options(
            NatProfile local, NatProfile remote, Limits limits, boolean initiator) {
        List<Option> out = new ArrayList<>();
        Optional<NatBehavior> l = local.ipv4();
        Optional<NatBehavior> r = remote.ipv4();
        if (l.isPresent() && r.isPresent() && !plain(l.get().udp(), r.get().udp())) {
            udp(l.get(), r.get(), limits, initiator, out);
            if (limits.tcp()) {
                tcp(l.get(), r.get(), out);
            }
        }
        out.removeIf(o -> o.odds().chance() <= 0.01);
        out.sort(Comparator.comparingDouble(Option::rank).reversed());
        return out;
    }

    /** Whether UDP punching needs no prediction: there is nothing to gain here. */
    private static boolean plain(Translation a, Translation b) {
        boolean fixedA = Manner.of(a) == Manner.FIXED;
        boolean fixedB = Manner.of(b) == Manner.FIXED;
        return fixedA && fixedB
                || fixedA && lets(a) && Manner.of(b) != Manner.NONE
                || fixedB && lets(b) && Manner.of(a) != Manner.NONE;
    }

    /** Whether a peer whose port is not known gets in. */
    private static boolean lets(Translation t) {
        return switch (t.filtering()) {
            case NONE, ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT -> true;
            case UNKNOWN -> t.mapping() == Behavior.NONE;
            default -> false;
        };
    }

    private static void udp(
            NatBehavior l, NatBehavior r, Limits limits, boolean initiator, List<Option> out) {
        Manner a = Manner.of(l.udp());
        Manner b = Manner.of(r.udp());
        if (a.known() && b.known()) {
            double chance = sure(l, l.udp()) * sure(r, r.udp());
            out.add(new Option(Way.PORTS, new Odds(chance, ROUND, ROUND_PACKETS)));
        } else if (a == Manner.RANDOM && b.single()) {
            Way way = initiator ? Way.SPREAD_BY_INITIATOR : Way.SPREAD_BY_RESPONDER;
            out.add(new Option(way, spread(l, r, limits)));
        } else if (b == Manner.RANDOM && a.single()) {
            Way way = initiator ? Way.SPREAD_BY_RESPONDER : Way.SPREAD_BY_INITIATOR;
            out.add(new Option(way, spread(r, l, limits)));
        }
    }

    private static Odds spread(NatBehavior random, NatBehavior single, Limits limits) {
        PortAllocation a = random.udp().allocation();
        double meets = Ports.of(a).chance(limits.sockets(), limits.probes());
        // Of one whose rule is not known nothing else is known, either.
        double trust = a.kind() == Kind.RANDOM ? 1 : 0.7;
        double steady = Manner.of(single.udp()) == Manner.STEADY ? sure(single, single.udp()) : 1;
        int packets = limits.sockets() + limits.probes();
        return new Odds(
                meets * trust * steady * address(random) * address(single),
                Duration.ofMillis(1_000L + 1_000L * packets / limits.perSecond()),
                packets);
    }

    private static void tcp(NatBehavior l, NatBehavior r, List<Option> out) {
        Translation a = tcp(l);
        Translation b = tcp(r);
        if (Manner.of(a).known() && Manner.of(b).known() && !(preserves(a) && preserves(b))) {
            double chance = TCP * sure(l, a) * sure(r, b);
            out.add(new Option(Way.TCP, new Odds(chance, TCP_ROUND, ROUND_PACKETS)));
        }
    }

    /** What is known of TCP; what is not is thought to be like UDP. */
    static Translation tcp(NatBehavior b) {
        return b.tcp().mapping() == Behavior.UNKNOWN && b.udp().mapping() != Behavior.BLOCKED
                ? b.udp()
                : b.tcp();
    }

    /** Whether plain TCP punching knows the port. */
    private static boolean preserves(Translation t) {
        return t.mapping() == Behavior.NONE || t.allocation().kind() == Kind.PRESERVED;
    }

    /** How sure the port is where it is fixed or predicted. */
    private static double sure(NatBehavior b, Translation t) {
        if (Manner.of(t) == Manner.FIXED) {
            return FIXED;
        }
        PortAllocation a = t.allocation();
        double met = 1;
        if (a.kind() == Kind.INDEPENDENT_STEP) {
            int burst = StepPredictor.burst(a, DELAY, PortsRound.BURST, PortsRound.LONGEST);
            met = StepPredictor.atMost(burst - 1, a.arrivals() * DELAY);
        }
        return FIXED * met * Math.max(0.5, a.confidence()) * address(b);
    }

    private static double address(NatBehavior b) {
        return b.hints().contains(Hint.SEVERAL_ADDRESSES) ? 0.4 : 1;
    }
}
