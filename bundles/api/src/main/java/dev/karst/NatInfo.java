// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What stands between this node and the Internet, in words for people and tools. The words of
 * mapping and filtering are those of RFC 4787, lower case with hyphens: {@code
 * endpoint-independent}, {@code address-dependent}, {@code address-and-port-dependent}, {@code
 * none}, {@code blocked}, {@code unknown}.
 *
 * @param network the interfaces and routers it is true of
 * @param families IPv4 first; empty while nothing is known
 * @param trouble why nothing, or not all, is known, and what to do; else empty
 */
public record NatInfo(String network, List<Family> families, String trouble) {
    public NatInfo {
        families = List.copyOf(families);
    }

    /**
     * One address family.
     *
     * @param name {@code ipv4} or {@code ipv6}
     * @param local of the shared UDP socket
     * @param mapped its external address; empty if none is known
     * @param hairpin {@code none}, {@code internal-source}, {@code external-source} or {@code
     *     unknown}
     * @param lifetime of an idle UDP mapping, as in {@code at least 30 s}; {@code unknown} at first
     * @param hints such as {@code cgnat}
     * @param p2pdName the name that P2PD gives to such a NAT, as in {@code restrict-port/equal}
     * @param meaning what it means for connecting, a sentence each
     * @param evidence what was sent and seen
     * @param at when it was learnt
     */
    public record Family(
            String name,
            Optional<InetSocketAddress> local,
            Optional<InetSocketAddress> mapped,
            Protocol udp,
            Protocol tcp,
            String hairpin,
            String lifetime,
            List<String> hints,
            String p2pdName,
            List<String> meaning,
            List<String> evidence,
            Instant at) {
        public Family {
            hints = List.copyOf(hints);
            meaning = List.copyOf(meaning);
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * UDP or TCP.
     *
     * @param allocation how external ports are picked: {@code preserved}, {@code
     *     preserving-distance}, {@code independent-step(+2)}, {@code dependent-step(-1)}, {@code
     *     random} or {@code unknown}
     */
    public record Protocol(String mapping, String filtering, String allocation) {}
}
