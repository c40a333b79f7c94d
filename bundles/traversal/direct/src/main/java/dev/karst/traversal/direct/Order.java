// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import dev.karst.Endpoint;
import dev.karst.IpAddresses;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** In which order and how far apart candidates are tried: RFC 8305, sections 4 and 5. */
final class Order {
    /** Most candidates of one attempt. */
    static final int MOST = 32;

    /** How long one that connected has to prove the peer before the next one starts. */
    static final Duration PROVING = Duration.ofMillis(500);

    private static final Duration FAR = Duration.ofMillis(250);
    private static final Duration NEAR = Duration.ofMillis(50);

    private enum Family {
        V4,
        V6,
        NAME
    }

    private Order() {}

    /** Without those that are not listened at: {@code udp} names a socket to punch to. */
    static List<Endpoint> dialable(List<Endpoint> candidates) {
        return candidates.stream().filter(e -> !e.scheme().equals("udp")).toList();
    }

    /** The peer's own order within a family, one family after the other in turn, no repeats. */
    static List<Endpoint> interleave(List<Endpoint> candidates) {
        Map<Family, Queue<Endpoint>> byFamily = new LinkedHashMap<>();
        for (Endpoint e : new LinkedHashSet<>(candidates)) {
            byFamily.computeIfAbsent(family(e), f -> new ArrayDeque<>()).add(e);
        }
        List<Endpoint> out = new ArrayList<>();
        boolean more = true;
        while (more && out.size() < MOST) {
            more = false;
            for (Queue<Endpoint> q : byFamily.values()) {
                Endpoint e = q.poll();
                if (e != null && out.size() < MOST) {
                    out.add(e);
                    more = true;
                }
            }
        }
        return out;
    }

    /** How long a candidate has the field to itself. */
    static Duration headStart(Endpoint e) {
        return local(e) ? NEAR : FAR;
    }

    private static Family family(Endpoint e) {
        return e.literal()
                .map(a -> a instanceof Inet4Address ? Family.V4 : Family.V6)
                .orElse(e.host().indexOf(':') < 0 ? Family.NAME : Family.V6);
    }

    private static boolean local(Endpoint e) {
        return e.literal()
                .filter(a -> a.isLoopbackAddress() || IpAddresses.isPrivate(a))
                .isPresent();
    }
}
