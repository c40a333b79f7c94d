// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.Allocation.Clash;
import dev.karst.itests.sim.nat.Allocation.Sharing;
import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.itests.sim.nat.NatVerdict.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** The mappings of one protocol. Expired ones are found when they are in the way. */
final class NatTable {
    private static final long SWEEP_EVERY = 100_000_000L;
    private static final int MOST_TRACKED = 4096;
    private static final int MOST_PINNED = 1024;

    /** What Linux gives a datagram that nobody replied to. */
    private static final long TRACKED = 30_000_000_000L;

    private record Tracked(InetSocketAddress external, InetSocketAddress peer) {}

    private final Protocol protocol;
    private final NatPolicy policy;
    private final NatPolicy.Rules rules;
    private final InetAddress outside;
    private final Consumer<String> log;
    private final PortAllocator allocator;
    private final Background background;
    private final Map<Mapping.Key, Mapping> byKey = new LinkedHashMap<>();
    private final Map<InetSocketAddress, List<Mapping>> byExternal = new HashMap<>();
    private final Map<InetSocketAddress, Set<Mapping>> byInside = new HashMap<>();
    private final Map<InetAddress, Integer> ofHost = new HashMap<>();
    private final Map<InetSocketAddress, Mapping> pinned = new LinkedHashMap<>();
    private final Map<Tracked, Long> tracked = new LinkedHashMap<>();
    private boolean exceptions;
    private long swept = Long.MIN_VALUE;
    private Reason refusal;

    NatTable(
            Protocol protocol,
            NatPolicy policy,
            InetAddress outside,
            RandomGenerator random,
            Consumer<String> log) {
        this.protocol = protocol;
        this.policy = policy;
        this.rules = protocol == Protocol.UDP ? policy.udp() : policy.tcp();
        this.outside = outside;
        this.log = log;
        this.allocator = new PortAllocator(rules.allocation(), random);
        NatTimers t = policy.timers();
        long life = (protocol == Protocol.UDP ? t.udp() : t.tcpTransitory()).toNanos();
        this.background = new Background(rules.background(), life, allocator, random);
    }

    int size() {
        return byKey.size() + pinned.size();
    }

    /** Why {@link #outbound} gave no mapping. */
    Reason refusal() {
        return refusal;
    }

    /** The mapping that a packet from inside uses, old or new; null = {@link #refusal}. */
    Mapping outbound(long now, Kind kind, InetSocketAddress inside, InetSocketAddress to) {
        background.advance(now, p -> free(now, p, null, null));
        Mapping.Key narrow = Mapping.Key.of(Dependence.ADDRESS_AND_PORT_DEPENDENT, inside, to);
        Mapping m = exceptions ? living(now, narrow) : null;
        m = m == null ? pinned(inside, p -> p.knows(now, to)) : m;
        if (m != null) {
            return m;
        }
        Mapping.Key key = Mapping.Key.of(rules.mapping(), inside, to);
        m = living(now, key);
        if (m == null) {
            m = protocol == Protocol.TCP ? answered(now, inside, to) : null;
            if (m == null && key.address() == null) {
                m = pinned(inside, p -> true);
            }
            return m == null ? create(now, kind, key, to) : m;
        }
        if (rules.mapping() == Dependence.NONE || key.equals(narrow) || !barred(now, m, to)) {
            return m;
        }
        exceptions = true; // from now on some peers of an inside endpoint see another port
        return create(now, kind, narrow, to);
    }

    /** A connection that came in from there goes on through the port that it came to. */
    private Mapping answered(long now, InetSocketAddress inside, InetSocketAddress to) {
        for (Mapping m : byInside.getOrDefault(inside, Set.of())) {
            if (m.alive(now) && m.knows(now, to)) {
                return m;
            }
        }
        return null;
    }

    /** Whether the port of a mapping cannot be used towards that peer, as another has it there. */
    private boolean barred(long now, Mapping m, InetSocketAddress to) {
        if (m.knows(now, to)) {
            return false;
        }
        if (!tracked.isEmpty() && tracked(now, m.external, to)) {
            return true;
        }
        if (rules.allocation().sharing() == Sharing.ANY) {
            for (Mapping o : at(m.external)) {
                if (o != m && o.alive(now) && o.knows(now, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Mapping living(long now, Mapping.Key key) {
        Mapping m = byKey.get(key);
        if (m != null && !m.alive(now)) {
            remove(m, "expired");
            return null;
        }
        return m;
    }

    private Mapping create(long now, Kind kind, Mapping.Key key, InetSocketAddress to) {
        if (protocol == Protocol.TCP && kind != Kind.SYN && !policy.tcpPickup()) {
            return refuse(Reason.NO_STATE);
        }
        InetAddress host = key.inside().getAddress();
        if (byKey.size() >= policy.maxMappings() || overQuota(host)) {
            sweep(now);
            if (overQuota(host)) {
                return refuse(Reason.QUOTA);
            }
            if (byKey.size() >= policy.maxMappings()) {
                return refuse(Reason.TABLE_FULL);
            }
        }
        InetSocketAddress external = key.inside();
        if (rules.mapping() != Dependence.NONE) {
            int port = allocator.allocate(host, key.inside().getPort(), p -> free(now, p, key, to));
            if (port < 0) {
                return refuse(Reason.NO_PORT);
            }
            external = new InetSocketAddress(outside, port);
            if (rules.allocation().clash() == Clash.STEAL) {
                steal(now, external, key, to);
            }
        }
        Mapping m = new Mapping(key, external, protocol, policy, now, false);
        byKey.put(key, m);
        byExternal.computeIfAbsent(external, e -> new ArrayList<>(1)).add(m);
        byInside.computeIfAbsent(key.inside(), e -> new LinkedHashSet<>(2)).add(m);
        ofHost.merge(host, 1, Integer::sum);
        log.accept("new " + m);
        return m;
    }

    private Mapping refuse(Reason why) {
        refusal = why;
        return null;
    }

    private boolean overQuota(InetAddress host) {
        return policy.quota() > 0 && ofHost.getOrDefault(host, 0) >= policy.quota();
    }

    private boolean free(long now, int port, Mapping.Key key, InetSocketAddress to) {
        boolean any = rules.allocation().sharing() == Sharing.ANY;
        if (!any && background.has(port)) {
            return false;
        }
        InetSocketAddress external = new InetSocketAddress(outside, port);
        if (to != null && !tracked.isEmpty() && tracked(now, external, to)) {
            return false;
        }
        List<Mapping> there = byExternal.get(external);
        if (there == null) {
            return true;
        }
        for (Mapping m : List.copyOf(there)) {
            if (!m.alive(now)) {
                remove(m, "expired");
            } else if (clashes(now, m, key, to)) {
                return false;
            }
        }
        return true;
    }

    private boolean clashes(long now, Mapping m, Mapping.Key key, InetSocketAddress to) {
        return switch (rules.allocation().sharing()) {
            case NONE -> true;
            case SAME_ENDPOINT ->
                    m.pinned()
                            || key == null
                            || !key.inside().equals(m.inside())
                            || !m.disjoint(now, key, to);
            case ANY -> m.pinned() || key != null && !m.disjoint(now, key, to);
        };
    }

    private void steal(
            long now, InetSocketAddress external, Mapping.Key key, InetSocketAddress to) {
        for (Mapping m : List.copyOf(at(external))) {
            if (m.alive(now) && clashes(now, m, key, to)) {
                remove(m, "stolen");
            }
        }
    }

    private List<Mapping> at(InetSocketAddress external) {
        return byExternal.getOrDefault(external, List.of());
    }

    /** Whether anybody inside has that external endpoint. */
    boolean known(long now, InetSocketAddress external) {
        return at(external).stream().anyMatch(m -> m.alive(now));
    }

    /** Who a packet from outside is for; null = nobody. */
    Mapping inbound(
            long now,
            Kind kind,
            InetSocketAddress from,
            InetSocketAddress external,
            boolean filtered) {
        Mapping best = null;
        for (Mapping m : at(external)) {
            if (m.alive(now) && (!filtered || m.permits(now, kind, from))) {
                if (best == null || m.knows(now, from) || !best.knows(now, from)) {
                    best = m;
                }
            }
        }
        return best;
    }

    /** The mapping that a packet used which an ICMP error is about. */
    Mapping quoted(long now, InetSocketAddress external, InetSocketAddress peer) {
        for (Mapping m : at(external)) {
            if (m.alive(now) && m.knows(now, peer)) {
                return m;
            }
        }
        return null;
    }

    /** The mapping of an inside endpoint towards that peer. */
    Mapping of(long now, InetSocketAddress inside, InetSocketAddress peer) {
        Mapping m =
                living(now, Mapping.Key.of(Dependence.ADDRESS_AND_PORT_DEPENDENT, inside, peer));
        return m != null ? m : living(now, Mapping.Key.of(rules.mapping(), inside, peer));
    }

    // ---- ports that were asked for

    /** Opens a port for an inside endpoint; empty if it is another's. */
    Optional<InetSocketAddress> expose(long now, InetSocketAddress inside, int port) {
        InetSocketAddress external =
                rules.mapping() == Dependence.NONE ? inside : new InetSocketAddress(outside, port);
        boolean others = at(external).stream().anyMatch(m -> foreign(now, m, inside));
        if (others || background.has(port) || pinned.size() >= MOST_PINNED) {
            return Optional.empty();
        }
        List.copyOf(at(external)).forEach(m -> remove(m, "replaced"));
        Mapping.Key key = new Mapping.Key(inside, null, 0);
        Mapping m = new Mapping(key, external, protocol, policy, now, true);
        pinned.put(external, m);
        byExternal.computeIfAbsent(external, e -> new ArrayList<>(1)).add(m);
        log.accept("opens " + m);
        return Optional.of(external);
    }

    private static boolean foreign(long now, Mapping m, InetSocketAddress inside) {
        return m.alive(now) && !m.inside().equals(inside);
    }

    /** Closes it again. */
    void withdraw(InetSocketAddress external) {
        Mapping m = pinned.get(external);
        if (m != null) {
            remove(m, "closes");
        }
    }

    private Mapping pinned(InetSocketAddress inside, Predicate<Mapping> which) {
        for (Mapping m : pinned.values()) {
            if (m.inside().equals(inside) && which.test(m)) {
                return m;
            }
        }
        return null;
    }

    // ---- connection tracking of the box's own stack

    /** The box itself answered that peer, at that address. */
    void track(long now, InetSocketAddress external, InetSocketAddress peer) {
        if (tracked.put(new Tracked(external, peer), now + TRACKED) == null) {
            log.accept(
                    "own stack answers "
                            + NatPacket.text(peer)
                            + ", which bars "
                            + NatPacket.text(external));
        }
        if (tracked.size() > MOST_TRACKED) {
            Iterator<?> oldest = tracked.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    private boolean tracked(long now, InetSocketAddress external, InetSocketAddress peer) {
        Tracked key = new Tracked(external, peer);
        Long until = tracked.get(key);
        if (until != null && until <= now) {
            tracked.remove(key);
            return false;
        }
        return until != null;
    }

    // ---- the end of mappings

    private void sweep(long now) {
        if (swept != Long.MIN_VALUE && now - swept < SWEEP_EVERY) {
            return;
        }
        swept = now;
        for (Mapping m : List.copyOf(byKey.values())) {
            if (!m.alive(now)) {
                remove(m, "expired");
            }
        }
    }

    private void remove(Mapping m, String why) {
        byKey.remove(m.key, m);
        List<Mapping> there = byExternal.get(m.external);
        if (there != null && there.remove(m) && there.isEmpty()) {
            byExternal.remove(m.external);
        }
        log.accept(why + " " + m);
        if (m.pinned()) {
            pinned.remove(m.external);
            return;
        }
        byInside.computeIfPresent(
                m.inside(), (i, all) -> all.remove(m) && all.isEmpty() ? null : all);
        ofHost.computeIfPresent(m.inside().getAddress(), (h, n) -> n == 1 ? null : n - 1);
    }
}
