// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A router as an nftables ruleset. Conntrack alone is EIM, APDF and port preserving; the rest is
 * learned: maps from external ports to inside endpoints and back, and a set of who may come in, all
 * filled after the source address was rewritten (chain learn, where the packet shows the external
 * port and conntrack knows the inside).
 */
final class NftRules {

    /** Ports of {@link Allocation.Way#RANGE}. */
    static final int RANGE_LOW = 40000;

    static final int RANGE_HIGH = 40999;

    /** The first port of a sequence, and how many follow before it begins again. */
    static final int SEQUENCE_START = 30000;

    static final int SEQUENCE_LENGTH = 512;

    private final RouterKind kind;
    private final String wan;
    private final String inside;
    private final StringBuilder out = new StringBuilder();

    /**
     * @param wan the external address; the device is called {@code wan}
     * @param inside the network inside, as a prefix
     */
    private NftRules(RouterKind kind, String wan, String inside) {
        this.kind = kind;
        this.wan = wan;
        this.inside = inside;
    }

    /** Replaces all tables of the namespace. */
    static String nat(RouterKind kind, String wan, String inside) {
        NftRules rules = new NftRules(kind, wan, inside);
        rules.line("flush ruleset");
        rules.line("table ip karst {");
        rules.sets();
        rules.destination();
        rules.source();
        rules.learn();
        rules.forward();
        rules.input();
        rules.line("}");
        return rules.out + ipv6(kind.ipv6Open());
    }

    /** For a router whose NAT is done elsewhere: what may leave at all. */
    static String outboundOnly(RouterKind kind) {
        NftRules rules = new NftRules(kind, "", "");
        rules.line("flush ruleset");
        rules.line("table ip karst {");
        rules.line("chain forward { type filter hook forward priority filter;");
        rules.limits("wan");
        rules.line("}");
        rules.line("}");
        return rules.out + ipv6(kind.ipv6Open());
    }

    /** A host with a public address that lets in only what it asked for. */
    static String firewall() {
        return """
        flush ruleset
        table inet karst {
        chain input { type filter hook input priority filter; policy drop;
        ct state established,related accept
        iifname "lo" accept
        icmp type echo-request accept
        meta l4proto icmpv6 accept
        }
        }
        """;
    }

    private static String ipv6(boolean open) {
        return """
        table ip6 karst {
        chain forward { type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname != "wan" accept
        meta l4proto icmpv6 accept
        %s
        }
        }
        """
                .formatted(open ? "accept" : "");
    }

    private boolean learns() {
        return kind.hairpin()
                || kind.filtering() != Filtering.ADDRESS_AND_PORT_DEPENDENT
                || kind.mapping() != Mapping.ADDRESS_AND_PORT_DEPENDENT
                        && kind.allocation().way() != Allocation.Way.PRESERVE;
    }

    private boolean asks() {
        return kind.filtering() == Filtering.ADDRESS_DEPENDENT
                || kind.filtering() == Filtering.ADDRESS_AND_PORT_DEPENDENT && kind.hairpin();
    }

    private boolean reuses() {
        return kind.mapping() != Mapping.ADDRESS_AND_PORT_DEPENDENT;
    }

    private void sets() {
        if (!learns()) {
            return;
        }
        String size = "size 65535; flags dynamic,timeout;";
        line("map rev { type inet_proto . inet_service : ipv4_addr . inet_service; " + size + " }");
        line("set busy { type inet_proto . inet_service; " + size + " }");
        if (reuses()) {
            String to = kind.mapping() == Mapping.ADDRESS_DEPENDENT ? " . ipv4_addr" : "";
            line(
                    "map alloc { type inet_proto . ipv4_addr . inet_service"
                            + to
                            + " : inet_service; "
                            + size
                            + " }");
        }
        if (asks()) {
            String port = kind.filtering() == Filtering.ADDRESS_DEPENDENT ? "" : " . inet_service";
            line(
                    "set perm { type inet_proto . inet_service . ipv4_addr"
                            + port
                            + "; "
                            + size
                            + " }");
        }
    }

    /** Only the first packet of a connection comes here; the others are conntrack's. */
    private void destination() {
        line("chain pre { type nat hook prerouting priority dstnat;");
        if (learns()) {
            String to = " dnat ip to meta l4proto . th dport map @rev";
            String here = "meta l4proto { tcp, udp } ip daddr " + wan;
            String outside = "iifname \"wan\" " + here;
            switch (kind.filtering()) {
                case ENDPOINT_INDEPENDENT -> line(outside + to);
                case ADDRESS_DEPENDENT ->
                        line(outside + " meta l4proto . th dport . ip saddr @perm" + to);
                case ADDRESS_AND_PORT_DEPENDENT -> {
                    // conntrack's own
                }
            }
            if (kind.hairpin()) {
                // Always: a packet that the filter refuses must still open the filter for the
                // answer. See learn().
                line("iifname != \"wan\" " + here + to);
            }
        }
        line("}");
    }

    private void source() {
        line("chain post { type nat hook postrouting priority srcnat;");
        line("oifname \"wan\" meta l4proto { tcp, udp } jump allocate");
        if (kind.hairpin()) {
            line(
                    "oifname != \"wan\" ip saddr "
                            + inside
                            + " ct original ip daddr "
                            + wan
                            + " jump allocate");
        }
        line("oifname \"wan\" masquerade");
        line("}");
        line("chain allocate {");
        if (learns() && reuses()) {
            // After a hairpin the packet no longer shows where it was sent to; conntrack does.
            String to =
                    kind.mapping() == Mapping.ADDRESS_DEPENDENT ? " . ct original ip daddr" : "";
            line(
                    "meta l4proto { tcp, udp } snat ip to "
                            + wan
                            + " : meta l4proto . ip saddr . th sport"
                            + to
                            + " map @alloc");
        }
        String snat = "meta l4proto { tcp, udp } snat ip to " + wan;
        // The kernel gives a port in use to another host, towards another destination; a NAT that
        // lets others in cannot.
        if (learns() && kind.allocation().way() == Allocation.Way.PRESERVE) {
            line("meta l4proto . th sport @busy " + snat + ":1024-65535 fully-random");
        }
        switch (kind.allocation().way()) {
            case PRESERVE -> line(snat);
            case RANDOM -> line(snat + ":1024-65535 fully-random");
            case RANGE -> line(snat + ":" + RANGE_LOW + "-" + RANGE_HIGH + " fully-random");
            case COMMON -> line(snat + " : " + sequence(kind.allocation().step()));
            case SEQUENTIAL -> {
                // Each numgen counts for itself.
                for (String proto : new String[] {"udp", "tcp"}) {
                    String next = sequence(kind.allocation().step());
                    line("meta l4proto " + proto + " snat ip to " + wan + " : " + next);
                }
            }
            default -> throw new LabException("the kernel has no allocation " + kind.allocation());
        }
        line("}");
    }

    /** Plain {@code numgen offset} comes out with its bytes swapped; a map does not. */
    private static String sequence(int step) {
        int first = step > 0 ? SEQUENCE_START : SEQUENCE_START - step * (SEQUENCE_LENGTH - 1);
        return IntStream.range(0, SEQUENCE_LENGTH)
                .mapToObj(i -> i + " : " + (first + i * step))
                .collect(
                        Collectors.joining(
                                ", ", "numgen inc mod " + SEQUENCE_LENGTH + " map { ", " }"));
    }

    private void learn() {
        if (!learns()) {
            return;
        }
        line("chain learn { type filter hook postrouting priority 300;");
        for (String proto : new String[] {"udp", "tcp"}) {
            line("meta l4proto " + proto + " oifname \"wan\" jump learn_" + proto);
            if (kind.hairpin()) {
                line(
                        "meta l4proto "
                                + proto
                                + " oifname != \"wan\" ct original ip daddr "
                                + wan
                                + " ip saddr "
                                + wan
                                + " ct direction original jump learn_"
                                + proto);
            }
        }
        if (kind.hairpin() && asks()) {
            String sender =
                    kind.filtering() == Filtering.ADDRESS_DEPENDENT
                            ? "ip saddr"
                            : "ip saddr . th sport";
            line(
                    "oifname != \"wan\" meta l4proto { tcp, udp } ct direction original ip saddr "
                            + wan
                            + " ct original ip daddr "
                            + wan
                            + " meta l4proto . ct original proto-dst . "
                            + sender
                            + " != @perm drop");
        }
        line("}");
        learn("udp", kind.udp().toSeconds());
        learn("tcp", kind.tcp().toSeconds());
    }

    private void learn(String proto, long seconds) {
        String port = "meta l4proto . th sport";
        String life = " timeout " + seconds + "s";
        line("chain learn_" + proto + " {");
        // nft knows the type of conntrack's ports only next to a match of the protocol.
        String of = "meta l4proto " + proto + " ";
        line("update @busy { " + port + life + " }");
        // A connection that came from outside shows the inside as the source of its replies.
        for (String way : new String[] {"original", "reply"}) {
            String when = of + "ct direction " + way + " ";
            String from = "ct " + way + " ip saddr . ct " + way + " proto-src";
            line(when + "update @rev { " + port + life + " : " + from + " }");
        }
        if (reuses()) {
            String key = "meta l4proto . ct original ip saddr . ct original proto-src";
            String to =
                    kind.mapping() == Mapping.ADDRESS_DEPENDENT ? " . ct original ip daddr" : "";
            line(of + "ct direction original update @alloc { " + key + to + life + " : th sport }");
        }
        if (asks()) {
            boolean address = kind.filtering() == Filtering.ADDRESS_DEPENDENT;
            String to = " . ct original ip daddr" + (address ? "" : " . ct original proto-dst");
            String from = " . ct original ip saddr" + (address ? "" : " . ct original proto-src");
            line(of + "ct direction original update @perm { " + port + to + life + " }");
            line(of + "ct direction reply update @perm { " + port + from + life + " }");
        }
        line("}");
    }

    private void forward() {
        line("chain forward { type filter hook forward priority filter; policy drop;");
        limits("wan");
        line("ct state established,related accept");
        line("iifname != \"wan\" accept");
        line("ct status dnat accept");
        line("}");
    }

    private void limits(String device) {
        if (kind.udpBlocked()) {
            line("oifname \"" + device + "\" meta l4proto udp drop");
        }
        if (!kind.tcpPorts().isEmpty()) {
            String ports =
                    kind.tcpPorts().stream().map(String::valueOf).collect(Collectors.joining(", "));
            line(
                    "oifname \""
                            + device
                            + "\" meta l4proto tcp ct direction original tcp dport != { "
                            + ports
                            + " } drop");
        }
    }

    /**
     * What is dropped or rejected here is never confirmed by conntrack, and so poisons no later
     * mapping.
     */
    private void input() {
        line("chain input { type filter hook input priority filter;");
        line("ct state established,related accept");
        line("icmp type echo-request accept");
        switch (kind.unsolicited()) {
            case DROP -> line("ip daddr " + wan + " drop");
            case RST -> {
                line("ip daddr " + wan + " meta l4proto tcp reject with tcp reset");
                line("ip daddr " + wan + " drop");
            }
            case ICMP -> line("ip daddr " + wan + " reject with icmp type port-unreachable");
            case PROHIBITED -> line("ip daddr " + wan + " reject with icmp type admin-prohibited");
            case STACK -> line("iifname != \"wan\" ip daddr " + wan + " drop");
        }
        line("}");
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
