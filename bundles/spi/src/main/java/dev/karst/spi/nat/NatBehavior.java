// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What stands between this node and the Internet for one address family: data, with the evidence
 * for it. Immutable; made by a {@link Builder}, so that it can grow.
 */
public final class NatBehavior {
    /** Where a packet to our own external address goes (RFC 4787 section 6). */
    public enum Hairpin {
        UNKNOWN,
        NONE,
        /** It comes back, and shows the internal source. */
        INTERNAL_SOURCE,
        /** It comes back, and shows the external source, as it should. */
        EXTERNAL_SOURCE
    }

    /** Circumstances that matter to whoever wants to connect. */
    public enum Hint {
        /** A carrier's NAT: an address of 100.64/10 (RFC 6598) or two translations in a row. */
        CGNAT,
        /** The external address is itself private: there is another NAT behind the first. */
        DOUBLE_NAT,
        /**
         * Mappings show more than one external address (RFC 4787 section 4.1, arbitrary pooling).
         */
        SEVERAL_ADDRESSES,
        /** Servers contradicted each other; the majority was believed. */
        SERVERS_DISAGREE,
        /** No server could tell about filtering: none with a second address (RFC 5780). */
        NO_FILTERING_TEST
    }

    /** Evidence is cut off after this many lines. */
    public static final int MAX_EVIDENCE = 64;

    private final Translation udp;
    private final Translation tcp;
    private final Hairpin hairpin;
    private final MappingLifetime lifetime;
    private final Set<Hint> hints;
    private final Optional<InetSocketAddress> local;
    private final Optional<InetSocketAddress> mapped;
    private final List<InetSocketAddress> servers;
    private final Instant at;
    private final List<String> evidence;

    private NatBehavior(Builder b) {
        udp = b.udp;
        tcp = b.tcp;
        hairpin = b.hairpin;
        lifetime = b.lifetime;
        hints = Set.copyOf(b.hints);
        local = b.local;
        mapped = b.mapped;
        servers = List.copyOf(b.servers);
        at = b.at;
        evidence = List.copyOf(b.evidence);
    }

    /** Nothing known yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The same, to be changed. */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.udp = udp;
        b.tcp = tcp;
        b.hairpin = hairpin;
        b.lifetime = lifetime;
        b.hints.addAll(hints);
        b.local = local;
        b.mapped = mapped;
        b.servers.addAll(servers);
        b.at = at;
        b.evidence.addAll(evidence);
        return b;
    }

    public Translation udp() {
        return udp;
    }

    public Translation tcp() {
        return tcp;
    }

    public Hairpin hairpin() {
        return hairpin;
    }

    public MappingLifetime lifetime() {
        return lifetime;
    }

    public Set<Hint> hints() {
        return hints;
    }

    /** Of the socket it was learnt on. */
    public Optional<InetSocketAddress> local() {
        return local;
    }

    /**
     * The external address of that socket, as servers see it; where UDP does not pass, that of a
     * TCP connection, of which only the address matters. Empty if no server answered.
     */
    public Optional<InetSocketAddress> mapped() {
        return mapped;
    }

    /**
     * STUN servers that answered and were believed, the nearest first: for strategies that have to
     * know the external port of a fresh socket. Never told to a peer.
     */
    public List<InetSocketAddress> servers() {
        return servers;
    }

    /** When it was learnt. */
    public Instant at() {
        return at;
    }

    /** What was sent and seen, in words, for people; at most {@value #MAX_EVIDENCE} lines. */
    public List<String> evidence() {
        return evidence;
    }

    @Override
    public String toString() {
        return "udp " + udp + ", tcp " + tcp + ", hairpin " + hairpin + ", " + hints;
    }

    /** Not thread-safe. */
    public static final class Builder {
        private Translation udp = Translation.unknown();
        private Translation tcp = Translation.unknown();
        private Hairpin hairpin = Hairpin.UNKNOWN;
        private MappingLifetime lifetime = MappingLifetime.unknown();
        private final Set<Hint> hints = EnumSet.noneOf(Hint.class);
        private Optional<InetSocketAddress> local = Optional.empty();
        private Optional<InetSocketAddress> mapped = Optional.empty();
        private final List<InetSocketAddress> servers = new ArrayList<>();
        private Instant at = Instant.EPOCH;
        private final List<String> evidence = new ArrayList<>();

        private Builder() {}

        public Builder udp(Translation t) {
            udp = t;
            return this;
        }

        public Builder udp(Behavior mapping, Behavior filtering) {
            return udp(new Translation(mapping, filtering, udp.allocation()));
        }

        public Builder tcp(Translation t) {
            tcp = t;
            return this;
        }

        public Builder hairpin(Hairpin h) {
            hairpin = h;
            return this;
        }

        public Builder lifetime(MappingLifetime l) {
            lifetime = l;
            return this;
        }

        public Builder hint(Hint h) {
            hints.add(h);
            return this;
        }

        public Builder local(InetSocketAddress a) {
            local = Optional.of(a);
            return this;
        }

        public Builder mapped(InetSocketAddress a) {
            mapped = Optional.of(a);
            return this;
        }

        public Builder server(InetSocketAddress a) {
            servers.add(a);
            return this;
        }

        public Builder at(Instant time) {
            at = time;
            return this;
        }

        public Builder evidence(String line) {
            if (evidence.size() < MAX_EVIDENCE) {
                evidence.add(line);
            }
            return this;
        }

        public NatBehavior build() {
            return new NatBehavior(this);
        }
    }
}
