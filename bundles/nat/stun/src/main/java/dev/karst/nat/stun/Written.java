// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where shared sockets wrote to in earlier detections: a NAT that remembers that lets answers from
 * there pass which it would otherwise filter. Thread-safe; remembers little.
 */
final class Written {
    private static final int MOST_SOCKETS = 16;
    private static final int MOST_EACH = 64;

    /** Longer than NATs remember UDP: RFC 4787 recommends five minutes. */
    private static final long REMEMBERED = 15 * 60 * 1_000_000_000L;

    private final Map<InetSocketAddress, Map<InetSocketAddress, Long>> sockets =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(
                        Map.Entry<InetSocketAddress, Map<InetSocketAddress, Long>> eldest) {
                    return size() > MOST_SOCKETS;
                }
            };

    /** Of the socket bound there. */
    synchronized Set<InetSocketAddress> recent(InetSocketAddress local, long now) {
        Set<InetSocketAddress> out = new HashSet<>();
        sockets.getOrDefault(local, Map.of())
                .forEach(
                        (to, at) -> {
                            if (now - at < REMEMBERED) {
                                out.add(to);
                            }
                        });
        return out;
    }

    synchronized void add(InetSocketAddress local, Set<InetSocketAddress> to, long now) {
        Map<InetSocketAddress, Long> known =
                sockets.computeIfAbsent(local, l -> new LinkedHashMap<>());
        known.values().removeIf(at -> now - at >= REMEMBERED);
        for (InetSocketAddress a : to) {
            if (known.size() < MOST_EACH || known.containsKey(a)) {
                known.put(a, now);
            }
        }
    }
}
