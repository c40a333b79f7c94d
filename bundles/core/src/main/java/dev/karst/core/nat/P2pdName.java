// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import java.util.Locale;

/**
 * The view that users of P2PD know: 7 NAT types by 5 kinds of "delta". {@link Type#translation} is
 * the table that says what each of the 35 is in RFC words, {@link #of} the way back from what was
 * observed.
 */
public record P2pdName(Type type, Delta delta) {
    /** P2PD's NAT types, in its order. */
    public enum Type {
        OPEN_INTERNET("open", Behavior.NONE, Behavior.ENDPOINT_INDEPENDENT),
        SYMMETRIC_UDP_FIREWALL("firewalled", Behavior.NONE, Behavior.ADDRESS_AND_PORT_DEPENDENT),
        FULL_CONE("full-cone", Behavior.ENDPOINT_INDEPENDENT, Behavior.ENDPOINT_INDEPENDENT),
        RESTRICT_NAT("restrict", Behavior.ENDPOINT_INDEPENDENT, Behavior.ADDRESS_DEPENDENT),
        RESTRICT_PORT_NAT(
                "restrict-port",
                Behavior.ENDPOINT_INDEPENDENT,
                Behavior.ADDRESS_AND_PORT_DEPENDENT),
        SYMMETRIC_NAT(
                "symmetric",
                Behavior.ADDRESS_AND_PORT_DEPENDENT,
                Behavior.ADDRESS_AND_PORT_DEPENDENT),
        BLOCKED_NAT("blocked", Behavior.BLOCKED, Behavior.BLOCKED);

        private final String text;
        private final Behavior mapping;
        private final Behavior filtering;

        Type(String text, Behavior mapping, Behavior filtering) {
            this.text = text;
            this.mapping = mapping;
            this.filtering = filtering;
        }

        /** Whether external ports are picked at all, so that a delta can be seen. */
        boolean translates() {
            return this != OPEN_INTERNET && this != SYMMETRIC_UDP_FIREWALL && this != BLOCKED_NAT;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** P2PD's delta types 2 to 6. */
    public enum Delta {
        EQUAL(PortAllocation.Kind.PRESERVED),
        PRESERV(PortAllocation.Kind.PRESERVING_DISTANCE),
        INDEPENDENT(PortAllocation.Kind.INDEPENDENT_STEP),
        DEPENDENT(PortAllocation.Kind.DEPENDENT_STEP),
        RANDOM(PortAllocation.Kind.RANDOM),
        /** Cannot be seen, or not yet. */
        NA(PortAllocation.Kind.UNKNOWN);

        private final PortAllocation.Kind kind;

        Delta(PortAllocation.Kind kind) {
            this.kind = kind;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a router of this name does to UDP. */
    public Translation udp() {
        return new Translation(type.mapping, type.filtering, allocation());
    }

    /**
     * What a router of this name does to TCP: P2PD takes it to be the same, and where UDP is
     * blocked, port-restricted.
     */
    public Translation tcp() {
        Type t = type == Type.BLOCKED_NAT ? Type.RESTRICT_PORT_NAT : type;
        return new Translation(t.mapping, t.filtering, allocation());
    }

    private PortAllocation allocation() {
        return new PortAllocation(delta.kind, 0, 1, 0, 0, 0);
    }

    /**
     * What can be told from outside. Without translation no delta shows; and a NAT that maps by
     * destination but derives the port from the local one looks as if it mapped independently,
     * until ports clash.
     */
    public P2pdName observable() {
        if (!type.translates()) {
            return new P2pdName(type, Delta.NA);
        }
        boolean derived = delta == Delta.EQUAL || delta == Delta.PRESERV;
        return type == Type.SYMMETRIC_NAT && derived
                ? new P2pdName(Type.RESTRICT_PORT_NAT, delta)
                : this;
    }

    /** P2PD's name of what was observed; the nearest one where P2PD has none. */
    public static P2pdName of(NatBehavior nat) {
        Type t = type(nat.udp());
        if (t == null) {
            return null;
        }
        PortAllocation.Kind kind = nat.udp().allocation().kind();
        Delta d = Delta.NA;
        for (Delta each : Delta.values()) {
            if (t.translates() && each.kind == kind) {
                d = each;
            }
        }
        return new P2pdName(t, d);
    }

    private static Type type(Translation udp) {
        return switch (udp.mapping()) {
            case UNKNOWN -> null;
            case BLOCKED -> Type.BLOCKED_NAT;
            case NONE ->
                    udp.filtering() == Behavior.ENDPOINT_INDEPENDENT
                            ? Type.OPEN_INTERNET
                            : Type.SYMMETRIC_UDP_FIREWALL;
            case ENDPOINT_INDEPENDENT ->
                    switch (udp.filtering()) {
                        case ENDPOINT_INDEPENDENT -> Type.FULL_CONE;
                        case ADDRESS_DEPENDENT -> Type.RESTRICT_NAT;
                        default -> Type.RESTRICT_PORT_NAT; // P2PD, too, takes the worst for granted
                    };
            case ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT -> Type.SYMMETRIC_NAT;
        };
    }

    @Override
    public String toString() {
        return delta == Delta.NA ? type.toString() : type + "/" + delta;
    }
}
