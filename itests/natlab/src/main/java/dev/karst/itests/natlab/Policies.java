// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import dev.karst.itests.sim.nat.Allocation.Clash;
import dev.karst.itests.sim.nat.Allocation.Sharing;
import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.Hairpin;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatTimers;
import dev.karst.itests.sim.nat.Refresh;

/** A router's words as the simulator's policy. */
final class Policies {

    private Policies() {}

    static NatPolicy of(RouterKind kind) {
        NatTimers usual = NatTimers.recommended();
        Refresh refresh = kind.outboundRefresh() ? Refresh.OUTBOUND_ONLY : Refresh.SLIDING;
        NatPolicy policy =
                NatPolicy.nat(
                                Dependence.valueOf(kind.mapping().name()),
                                Dependence.valueOf(kind.filtering().name()),
                                allocation(kind))
                        .withHairpin(hairpin(kind))
                        .withUnsolicited(unsolicited(kind.unsolicited()))
                        .withTimers(
                                usual.withUdp(kind.udp(), refresh)
                                        .withTcp(
                                                usual.tcpTransitory(),
                                                kind.tcp(),
                                                usual.tcpClosed()))
                        .withQuota(kind.quota());
        return kind.udpBlocked() ? policy.withUdpBlocked() : policy;
    }

    private static Hairpin hairpin(RouterKind kind) {
        if (!kind.hairpin()) {
            return Hairpin.NONE;
        }
        return kind.hairpinInside() ? Hairpin.INTERNAL_SOURCE : Hairpin.EXTERNAL_SOURCE;
    }

    private static dev.karst.itests.sim.nat.Unsolicited unsolicited(Unsolicited answer) {
        return switch (answer) {
            case DROP -> dev.karst.itests.sim.nat.Unsolicited.DROP;
            case RST -> dev.karst.itests.sim.nat.Unsolicited.TCP_RST;
            case ICMP -> dev.karst.itests.sim.nat.Unsolicited.ICMP_PORT_UNREACHABLE;
            case PROHIBITED -> dev.karst.itests.sim.nat.Unsolicited.ICMP_ADMIN_PROHIBITED;
            case STACK -> dev.karst.itests.sim.nat.Unsolicited.OWN_STACK;
        };
    }

    private static dev.karst.itests.sim.nat.Allocation allocation(RouterKind kind) {
        int step = kind.allocation().step();
        dev.karst.itests.sim.nat.Allocation rule =
                switch (kind.allocation().way()) {
                    case PRESERVE -> dev.karst.itests.sim.nat.Allocation.preserve();
                    case RANDOM -> dev.karst.itests.sim.nat.Allocation.random();
                    case RANGE ->
                            dev.karst.itests.sim.nat.Allocation.random()
                                    .withRange(NftRules.RANGE_LOW, NftRules.RANGE_HIGH);
                    case SEQUENTIAL -> dev.karst.itests.sim.nat.Allocation.independent(step);
                    case COMMON ->
                            throw new LabException("only the kernel has " + kind.allocation());
                    case PARITY -> dev.karst.itests.sim.nat.Allocation.random().withParity();
                    case STEAL ->
                            dev.karst.itests.sim.nat.Allocation.preserve().withClash(Clash.STEAL);
                    case DISTANCE -> dev.karst.itests.sim.nat.Allocation.preserveDistance();
                    case DEPENDENT -> dev.karst.itests.sim.nat.Allocation.dependent(step);
                };
        return switch (kind.sharing()) {
            case NONE -> rule;
            case OWN -> rule.withSharing(Sharing.SAME_ENDPOINT);
            case ALL -> rule.withSharing(Sharing.ANY);
        };
    }
}
