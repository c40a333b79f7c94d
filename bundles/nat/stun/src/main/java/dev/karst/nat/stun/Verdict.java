// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts together what the tests found. */
final class Verdict {
    private final Run run;
    private final InetSocketAddress local;
    private final Votes votes;
    private final TcpDiscovery tcp;

    Verdict(Run run, InetSocketAddress local, Votes votes, TcpDiscovery tcp) {
        this.run = run;
        this.local = local;
        this.votes = votes;
        this.tcp = tcp;
    }

    NatBehavior.Builder of(
            MappingDiscovery mapping,
            FilteringDiscovery filtering,
            AllocationDiscovery allocation,
            HairpinDiscovery hairpin) {
        NatBehavior.Builder b =
                NatBehavior.builder()
                        .at(run.scope().clock().instant())
                        .local(local)
                        .tcp(tcp.result())
                        .hairpin(hairpin.result());
        if (votes.isEmpty()) {
            b.udp(new Translation(Behavior.BLOCKED, Behavior.BLOCKED, PortAllocation.unknown()));
            tcp.mapped().ifPresent(b::mapped);
            nearest(b, tcp.servers());
        } else {
            b.udp(new Translation(mapping.result(), filtering.result(), allocation.result()));
            hints(b, mapping, filtering, allocation);
        }
        run.evidence().forEach(b::evidence);
        return b;
    }

    private void hints(
            NatBehavior.Builder b,
            MappingDiscovery mapping,
            FilteringDiscovery filtering,
            AllocationDiscovery allocation) {
        List<Server> believed =
                votes.servers().stream()
                        .filter(s -> !votes.contradicted(s) && !allocation.liars().contains(s))
                        .toList();
        Optional<InetSocketAddress> mapped =
                votes.agreed().or(() -> believed.stream().findFirst().flatMap(votes::of));
        mapped.ifPresent(b::mapped);
        nearest(b, believed);
        if (filtering.result() == Behavior.UNKNOWN) {
            b.hint(Hint.NO_FILTERING_TEST);
        }
        if (!votes.outvoted().isEmpty() || mapping.doubtful() || !allocation.liars().isEmpty()) {
            b.hint(Hint.SERVERS_DISAGREE);
        }
        if (mapping.result() != Behavior.NONE) {
            mapped.ifPresent(m -> translations(b, m.getAddress(), believed));
        }
        if (several(believed, allocation)) {
            b.hint(Hint.SEVERAL_ADDRESSES);
        }
    }

    private static void nearest(NatBehavior.Builder b, List<Server> servers) {
        servers.stream()
                .sorted(Comparator.comparingLong(Server::rtt))
                .forEach(s -> b.server(s.address()));
    }

    private void translations(NatBehavior.Builder b, InetAddress mapped, List<Server> believed) {
        boolean lab = believed.stream().allMatch(s -> IpAddresses.isPrivate(s.ip()));
        if (IpAddresses.isShared(mapped) || IpAddresses.isShared(local.getAddress())) {
            b.hint(Hint.CGNAT);
        }
        if (IpAddresses.isPrivate(mapped) && !lab) {
            b.hint(Hint.DOUBLE_NAT);
        }
    }

    /**
     * Whether one server saw more than one address, of which another saw one, too: else it might
     * have invented them.
     */
    private boolean several(List<Server> believed, AllocationDiscovery allocation) {
        for (Server s : believed) {
            Set<InetAddress> own = addresses(s, allocation);
            boolean confirmed =
                    believed.size() == 1
                            || believed.stream()
                                    .filter(o -> o != s)
                                    .flatMap(o -> addresses(o, allocation).stream())
                                    .anyMatch(own::contains);
            if (own.size() > 1 && confirmed) {
                return true;
            }
        }
        return false;
    }

    private Set<InetAddress> addresses(Server s, AllocationDiscovery allocation) {
        Set<InetAddress> out = new HashSet<>(allocation.addresses(s));
        votes.of(s).ifPresent(a -> out.add(a.getAddress()));
        return out;
    }
}
