// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import dev.karst.NatInfo;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.MappingLifetime;
import dev.karst.spi.nat.MappingLifetime.Refresh;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hairpin;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says a NAT's behaviour, and what follows from it, in words. */
final class Words {
    private Words() {}

    static NatInfo.Family family(String name, NatBehavior nat) {
        P2pdName p2pd = P2pdName.of(nat);
        return new NatInfo.Family(
                name,
                nat.local(),
                nat.mapped(),
                protocol(nat.udp()),
                protocol(nat.tcp()),
                word(nat.hairpin()),
                lifetime(nat.lifetime()),
                nat.hints().stream().sorted().map(Words::word).toList(),
                p2pd == null ? "unknown" : p2pd.toString(),
                meaning(nat),
                nat.evidence(),
                nat.at());
    }

    private static NatInfo.Protocol protocol(Translation t) {
        return new NatInfo.Protocol(
                word(t.mapping()), word(t.filtering()), allocation(t.allocation()));
    }

    static String word(Enum<?> e) {
        return e.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String allocation(PortAllocation a) {
        String kind = word(a.kind());
        return switch (a.kind()) {
            case INDEPENDENT_STEP, DEPENDENT_STEP ->
                    kind + "(" + (a.step() > 0 ? "+" : "") + a.step() + ")";
            default -> kind;
        };
    }

    private static String lifetime(MappingLifetime l) {
        if (l.atLeast().isZero() && l.atMost().isEmpty()) {
            return "unknown";
        }
        String text = "at least " + l.atLeast().toSeconds() + " s";
        if (l.atMost().isPresent()) {
            text += ", at most " + l.atMost().get().toSeconds() + " s";
        }
        return l.refresh() == Refresh.UNKNOWN ? text : text + ", " + word(l.refresh());
    }

    /** What it means for connecting. */
    static List<String> meaning(NatBehavior nat) {
        List<String> out = new ArrayList<>();
        out.add(udp(nat.udp()));
        if (nat.udp().mapping() == Behavior.BLOCKED
                && nat.tcp().mapping() == Behavior.ENDPOINT_INDEPENDENT) {
            out.add("TCP is mapped alike for all peers: TCP punching has a chance.");
        }
        if (nat.hints().contains(Hint.CGNAT) || nat.hints().contains(Hint.DOUBLE_NAT)) {
            out.add(
                    "Another NAT stands behind the first: a port opened on the home router alone"
                            + " does not help.");
        }
        if (nat.hairpin() == Hairpin.NONE && nat.udp().mapping() != Behavior.NONE) {
            out.add("Peers behind the same router must use local addresses.");
        }
        if (nat.lifetime().atMost().isPresent()) {
            out.add(
                    "Idle mappings end: paths need traffic every "
                            + Math.max(1, nat.lifetime().atLeast().toSeconds() / 2)
                            + " s.");
        }
        return out;
    }

    private static String udp(Translation t) {
        boolean anybody = t.filtering() == Behavior.ENDPOINT_INDEPENDENT;
        return switch (t.mapping()) {
            case UNKNOWN -> "Nothing is known of UDP: every strategy is tried.";
            case BLOCKED -> "UDP does not pass: peers are reached by TCP, or by a relay over TCP.";
            case NONE ->
                    anybody
                            ? "Nothing is translated or filtered: any peer can reach this node"
                                    + " directly."
                            : "Nothing is translated, but only answers come in: punching works at"
                                    + " the first try.";
            case ENDPOINT_INDEPENDENT ->
                    anybody
                            ? "Whoever knows the mapped address can reach this node: nearly every"
                                    + " peer gets a direct path."
                            : "One mapping serves all peers: UDP punching works, except with"
                                    + " peers behind NATs that map by destination to random ports.";
            case ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT ->
                    switch (t.allocation().kind()) {
                        case RANDOM, UNKNOWN ->
                                "Each peer gets another, unpredictable port: direct paths to peers"
                                        + " that are open or mapped independently; else a relay.";
                        default ->
                                "Each peer gets another port, but a predictable one: punching by"
                                        + " prediction has a good chance.";
                    };
        };
    }
}
