// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whom clients may talk to through the relay: not those that only the relay's own network is meant
 * to reach. Of the ranges of {@code allow} and {@code deny} that fit an address the narrowest
 * decides, {@code deny} if they are equal; they go before the defaults. Of this machine's own
 * addresses only relayed ones can be reached, and its listeners never.
 */
public final class PeerPolicy {
    private static final List<IpRange> DENIED =
            Stream.of(
                            "0.0.0.0/8", // this network
                            "10.0.0.0/8", // private
                            "100.64.0.0/10", // carrier-grade NAT
                            "127.0.0.0/8", // loopback
                            "169.254.0.0/16", // link-local, metadata services
                            "172.16.0.0/12", // private
                            "192.0.0.0/24", // protocol assignments
                            "192.168.0.0/16", // private
                            "224.0.0.0/4", // multicast
                            "240.0.0.0/4", // reserved, broadcast
                            "::/128", // unspecified
                            "::1/128", // loopback
                            "64:ff9b:1::/48", // NAT64 of local use
                            "100::/64", // discard
                            "fc00::/7", // unique local, fd00:ec2::254 among them
                            "fe80::/10", // link-local
                            "fec0::/10", // site-local
                            "ff00::/8") // multicast
                    .map(IpRange::parse)
                    .toList();

    private final List<IpRange> allow;
    private final List<IpRange> deny;
    private final Set<InetAddress> own;
    private final Set<Integer> listeners;

    /** What may be sent to an address. */
    enum Verdict {
        ALLOWED,
        /** Only what is relayed here: never a socket of this machine. */
        RELAYS,
        DENIED
    }

    /**
     * A policy.
     *
     * @param own all addresses of this machine, and by which others know it, relayed ones too
     * @param listeners ports that the server listens at
     */
    public PeerPolicy(
            List<IpRange> allow, List<IpRange> deny, Set<InetAddress> own, Set<Integer> listeners) {
        this.allow = List.copyOf(allow);
        this.deny = List.copyOf(deny);
        this.own = Set.copyOf(own);
        this.listeners = Set.copyOf(listeners);
    }

    Verdict judge(InetAddress peer) {
        Verdict worst = Verdict.ALLOWED;
        for (InetAddress a : EmbeddedIpv4.canonical(peer)) {
            Verdict v = judgeOne(a);
            worst = v.compareTo(worst) > 0 ? v : worst;
        }
        return worst;
    }

    /** Whether data may go there through a socket. */
    boolean reachable(InetSocketAddress peer) {
        return peer.getPort() != 0
                && judge(peer.getAddress()) == Verdict.ALLOWED
                && !isListener(peer);
    }

    /** Whether that is one of the server's own sockets. */
    boolean isListener(InetSocketAddress peer) {
        return listeners.contains(peer.getPort())
                && EmbeddedIpv4.canonical(peer.getAddress()).stream()
                        .anyMatch(a -> own.contains(a) || a.isLoopbackAddress());
    }

    /** Whether it is this machine's, so that relayed addresses may be there. */
    boolean isOwn(InetAddress a) {
        return own.contains(a);
    }

    private Verdict judgeOne(InetAddress a) {
        int yes = narrowest(allow, a).orElse(-1);
        int no = narrowest(deny, a).orElse(-1);
        if (yes >= 0 || no >= 0) {
            return yes > no ? Verdict.ALLOWED : Verdict.DENIED;
        }
        if (own.contains(a)) {
            return Verdict.RELAYS;
        }
        return narrowest(DENIED, a).isPresent() ? Verdict.DENIED : Verdict.ALLOWED;
    }

    private static Optional<Integer> narrowest(List<IpRange> ranges, InetAddress a) {
        return ranges.stream()
                .filter(r -> r.contains(a))
                .map(IpRange::prefix)
                .max(Comparator.naturalOrder());
    }

    /** Reads ranges, each text with one or more of them, comma-separated. */
    public static List<IpRange> ranges(List<String> texts) {
        List<IpRange> out = new ArrayList<>();
        for (String several : texts) {
            for (String one : several.split(",")) {
                if (!one.isBlank()) {
                    out.add(IpRange.parse(one.trim()));
                }
            }
        }
        return List.copyOf(out);
    }
}
