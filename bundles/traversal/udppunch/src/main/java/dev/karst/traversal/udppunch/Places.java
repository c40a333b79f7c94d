// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.Endpoint;
import dev.karst.lib.ice.CandidateType;
import dev.karst.lib.ice.IceCandidate;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The peer's UDP candidates: {@code udp://203.0.113.5:4000?typ=srflx}, literals only. Types are
 * {@code host} (also where none is told), {@code srflx}, {@code prflx}, {@code relay}; unknown
 * options, types and hosts are passed over.
 */
final class Places {
    private static final int MOST = 32;

    private Places() {}

    /** Candidates in the peer's order; where its NAT was seen from outside is one, too. */
    static List<IceCandidate> of(List<Endpoint> endpoints, NatProfile nat) {
        Map<InetSocketAddress, IceCandidate> out = new LinkedHashMap<>();
        int rank = 0;
        for (Endpoint e : endpoints) {
            Optional<IceCandidate> c = parse(e, rank);
            if (c.isPresent() && out.size() < MOST) {
                out.putIfAbsent(c.get().address(), c.get());
                rank++;
            }
        }
        // Even if its port is not the one we shall meet: writing there opens our own filter.
        seen(nat.ipv4(), out);
        seen(nat.ipv6(), out);
        return List.copyOf(out.values());
    }

    private static void seen(Optional<NatBehavior> nat, Map<InetSocketAddress, IceCandidate> out) {
        nat.filter(b -> b.udp().mapping() != Behavior.BLOCKED)
                .flatMap(NatBehavior::mapped)
                .ifPresent(
                        a ->
                                out.putIfAbsent(
                                        a,
                                        IceCandidate.of(CandidateType.SERVER_REFLEXIVE, a, 1_000)));
    }

    private static Optional<IceCandidate> parse(Endpoint e, int rank) {
        if (!e.scheme().equals("udp") || e.port() < 1 || e.port() > 0xffff) {
            return Optional.empty();
        }
        Optional<CandidateType> type = type(e.uri().getQuery());
        Optional<InetAddress> host = e.literal();
        return host.isEmpty()
                ? Optional.empty()
                : type.map(t -> candidate(t, new InetSocketAddress(host.get(), e.port()), rank));
    }

    /** Whether it can be a candidate at all; the agent looks closer. */
    static boolean usable(InetSocketAddress a) {
        return a.getPort() != 0;
    }

    /** IPv6 before IPv4 (RFC 8421), then the order in which they were told. */
    static IceCandidate candidate(CandidateType type, InetSocketAddress a, int rank) {
        return IceCandidate.of(type, a, preference(a) - Math.min(rank, 1_000));
    }

    static int preference(InetSocketAddress a) {
        return a.getAddress() instanceof Inet6Address ? 65_535 : 60_000;
    }

    private static Optional<CandidateType> type(String query) {
        if (query != null) {
            for (String option : query.split("&")) {
                if (option.startsWith("typ=")) {
                    return typed(option.substring(4));
                }
            }
        }
        return Optional.of(CandidateType.HOST);
    }

    private static Optional<CandidateType> typed(String token) {
        for (CandidateType t : CandidateType.values()) {
            if (t.token().equals(token)) {
                return Optional.of(t);
            }
        }
        return Optional.empty();
    }
}
