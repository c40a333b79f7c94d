// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.Allocation.Sharing;
import java.util.ArrayList;
import java.util.List;

/**
 * The 35 configurations that P2PD knows, 7 NAT types × 5 deltas, as policies. What can be seen of
 * them is less: where nothing is translated, the delta has no meaning; where UDP is blocked, it
 * shows with TCP only; a symmetric NAT that derives external ports from internal ones (EQUAL,
 * PRESERV) looks endpoint independent until ports clash.
 */
public final class P2pdConfigs {
    private P2pdConfigs() {}

    /** The types, with their numbers. */
    public enum Type {
        OPEN_INTERNET(1),
        SYMMETRIC_UDP_FIREWALL(2),
        FULL_CONE(3),
        RESTRICT_NAT(4),
        RESTRICT_PORT_NAT(5),
        SYMMETRIC_NAT(6),
        BLOCKED(7);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        /** In P2PD's addresses. */
        public int number() {
            return number;
        }
    }

    /** How external ports follow from each other or from internal ones. */
    public enum Delta {
        EQUAL(2),
        PRESERV(3),
        INDEPENDENT(4),
        DEPENDENT(5),
        RANDOM(6);

        private final int number;

        Delta(int number) {
            this.number = number;
        }

        /** In P2PD's addresses. */
        public int number() {
            return number;
        }
    }

    /** With sequences that step by one; in the order of P2PD's table. */
    public static List<NatConfig> all() {
        return all(1);
    }

    /** Named like "FULL_CONE/EQUAL". */
    public static List<NatConfig> all(int step) {
        List<NatConfig> out = new ArrayList<>();
        for (Type t : Type.values()) {
            for (Delta d : Delta.values()) {
                out.add(of(t, d, step));
            }
        }
        return out;
    }

    /** One of them. */
    public static NatConfig of(Type type, Delta delta, int step) {
        String name = type + "/" + delta;
        Allocation a = allocation(delta, step);
        return switch (type) {
            case OPEN_INTERNET -> NatConfig.plain(name, NatPolicy.open());
            case SYMMETRIC_UDP_FIREWALL ->
                    NatConfig.plain(
                            name, NatPolicy.firewall(Dependence.ADDRESS_AND_PORT_DEPENDENT));
            case FULL_CONE -> NatConfig.plain(name, cone(Dependence.ENDPOINT_INDEPENDENT, a));
            case RESTRICT_NAT -> NatConfig.plain(name, cone(Dependence.ADDRESS_DEPENDENT, a));
            case RESTRICT_PORT_NAT ->
                    NatConfig.plain(name, cone(Dependence.ADDRESS_AND_PORT_DEPENDENT, a));
            case SYMMETRIC_NAT -> symmetric(name, delta, a);
            case BLOCKED -> {
                NatPolicy p = cone(Dependence.ADDRESS_AND_PORT_DEPENDENT, a).withUdpBlocked();
                yield new NatConfig(name, p, Seen.blocked(), Seen.of(p.tcp()));
            }
        };
    }

    private static NatPolicy cone(Dependence filtering, Allocation a) {
        return NatPolicy.nat(Dependence.ENDPOINT_INDEPENDENT, filtering, a);
    }

    private static NatConfig symmetric(String name, Delta delta, Allocation a) {
        boolean derived = delta == Delta.EQUAL || delta == Delta.PRESERV;
        Dependence d = Dependence.ADDRESS_AND_PORT_DEPENDENT;
        NatPolicy p = NatPolicy.nat(d, d, derived ? a.withSharing(Sharing.SAME_ENDPOINT) : a);
        Seen seen = Seen.of(p.udp());
        seen = derived ? seen.withMapping(Dependence.ENDPOINT_INDEPENDENT) : seen;
        return new NatConfig(name, p, seen, seen);
    }

    private static Allocation allocation(Delta delta, int step) {
        return switch (delta) {
            case EQUAL -> Allocation.preserve();
            case PRESERV -> Allocation.preserveDistance();
            case INDEPENDENT -> Allocation.independent(step);
            case DEPENDENT -> Allocation.dependent(step);
            case RANDOM -> Allocation.random();
        };
    }
}
