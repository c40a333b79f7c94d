// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import dev.karst.Endpoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** In which order and how far apart candidates are tried: RFC 8305, sections 4 and 5. */
final class Order {
    /** Most candidates of one attempt. */
    static final int MOST = 32;

    private static final Duration FAR = Duration.ofMillis(250);
    private static final Duration NEAR = Duration.ofMillis(50);
    private static final Pattern IPV4 =
            Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.\\d{1,3}\\.\\d{1,3}");

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
        return local(e.host()) ? NEAR : FAR;
    }

    private static Family family(Endpoint e) {
        if (e.host().indexOf(':') >= 0) {
            return Family.V6;
        }
        return IPV4.matcher(e.host()).matches() ? Family.V4 : Family.NAME;
    }

    /** Loopback, private (RFC 1918), link-local and unique local (RFC 4193) literals. */
    private static boolean local(String host) {
        Matcher m = IPV4.matcher(host);
        if (m.matches()) {
            int a = Integer.parseInt(m.group(1));
            int b = Integer.parseInt(m.group(2));
            return a == 10
                    || a == 127
                    || a == 172 && b >= 16 && b < 32
                    || a == 192 && b == 168
                    || a == 169 && b == 254;
        }
        return host.matches("(?i)::1|0:0:0:0:0:0:0:1|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*");
    }
}
