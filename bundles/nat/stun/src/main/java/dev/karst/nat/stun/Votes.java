// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What servers see of one socket. Two servers at different addresses that see the same settle it,
 * so that one that lies among three does not; servers at one address have one vote.
 */
final class Votes {
    private final Map<Server, InetSocketAddress> seen = new LinkedHashMap<>();

    void put(Server s, InetSocketAddress mapped) {
        seen.put(s, mapped);
    }

    Optional<InetSocketAddress> of(Server s) {
        return Optional.ofNullable(seen.get(s));
    }

    /** Those who answered, first first. */
    List<Server> servers() {
        return List.copyOf(seen.keySet());
    }

    boolean isEmpty() {
        return seen.isEmpty();
    }

    /** What at least two see, and more than see anything else. */
    Optional<InetSocketAddress> agreed() {
        InetSocketAddress best = null;
        int most = 1;
        for (InetSocketAddress a : new HashSet<>(seen.values())) {
            int votes = votes(a);
            if (votes > most) {
                most = votes;
                best = a;
            } else if (votes == most) {
                best = null;
            }
        }
        return Optional.ofNullable(best);
    }

    private int votes(InetSocketAddress mapped) {
        Set<InetAddress> voters = new HashSet<>();
        seen.forEach(
                (s, a) -> {
                    if (a.equals(mapped)) {
                        voters.add(s.ip());
                    }
                });
        return voters.size();
    }

    /** How many addresses voted. */
    int voters() {
        Set<InetAddress> voters = new HashSet<>();
        seen.keySet().forEach(s -> voters.add(s.ip()));
        return voters.size();
    }

    /** Whether others agreed on something else than this one says. */
    boolean contradicted(Server s) {
        Optional<InetSocketAddress> agreed = agreed();
        return agreed.isPresent() && seen.containsKey(s) && !agreed.equals(of(s));
    }

    /** Those who are contradicted. */
    List<Server> outvoted() {
        return servers().stream().filter(this::contradicted).toList();
    }
}
