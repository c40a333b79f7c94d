// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.util.function.UnaryOperator;

/**
 * How a box behaves.
 *
 * @param udp what is done with UDP
 * @param tcp what is done with TCP
 * @param udpBlocked whether UDP does not pass at all
 * @param hairpin what becomes of packets from inside to the outside address
 * @param hairpinFiltered whether those have to pass the filter
 * @param unsolicited how the box answers what it does not let in
 * @param timers how long it remembers
 * @param tcpPickup whether a TCP connection that the box knows nothing of may go on from inside, as
 *     after a reboot; else only a SYN makes a mapping
 * @param quota most mappings of one inside host, per protocol; 0 = no limit
 * @param maxMappings most mappings in all, per protocol
 * @param maxSessions most peers that one mapping remembers; the oldest is forgotten
 */
public record NatPolicy(
        Rules udp,
        Rules tcp,
        boolean udpBlocked,
        Hairpin hairpin,
        boolean hairpinFiltered,
        Unsolicited unsolicited,
        NatTimers timers,
        boolean tcpPickup,
        int quota,
        int maxMappings,
        int maxSessions) {

    /**
     * What is done with one protocol.
     *
     * @param mapping NONE = addresses are not translated; {@code allocation} has no meaning then
     * @param filtering NONE = everything passes
     * @param allocation how external ports are picked
     * @param background mappings per second made by others, who take ports and move sequences
     */
    public record Rules(
            Dependence mapping, Dependence filtering, Allocation allocation, double background) {
        public Rules withMapping(Dependence d) {
            return new Rules(d, filtering, allocation, background);
        }

        public Rules withFiltering(Dependence d) {
            return new Rules(mapping, d, allocation, background);
        }

        public Rules withAllocation(Allocation a) {
            return new Rules(mapping, filtering, a, background);
        }

        public Rules withBackground(double perSecond) {
            return new Rules(mapping, filtering, allocation, perSecond);
        }

        /** Nothing is translated and nothing held back. */
        public boolean open() {
            return mapping == Dependence.NONE && filtering == Dependence.NONE;
        }
    }

    /** A NAT that treats UDP and TCP alike, drops what is unsolicited and does not hairpin. */
    public static NatPolicy nat(Dependence mapping, Dependence filtering, Allocation allocation) {
        Rules rules = new Rules(mapping, filtering, allocation, 0);
        return new NatPolicy(
                rules,
                rules,
                false,
                Hairpin.NONE,
                true,
                Unsolicited.DROP,
                NatTimers.recommended(),
                true,
                0,
                65536,
                16384);
    }

    /** A plain router. */
    public static NatPolicy open() {
        return firewall(Dependence.NONE);
    }

    /** No translation; what comes in must be expected. */
    public static NatPolicy firewall(Dependence filtering) {
        return nat(Dependence.NONE, filtering, Allocation.preserve());
    }

    /** What most homes have: EIM, address and port dependent filter, ports preserved. */
    public static NatPolicy home() {
        return nat(
                Dependence.ENDPOINT_INDEPENDENT,
                Dependence.ADDRESS_AND_PORT_DEPENDENT,
                Allocation.preserve());
    }

    /** A mapping for each destination, at random: what nobody can predict. */
    public static NatPolicy symmetric() {
        return nat(
                Dependence.ADDRESS_AND_PORT_DEPENDENT,
                Dependence.ADDRESS_AND_PORT_DEPENDENT,
                Allocation.random());
    }

    /** A carrier's NAT after RFC 6888: EIM, EIF, random ports, hairpin, a quota. */
    public static NatPolicy carrier() {
        return nat(
                        Dependence.ENDPOINT_INDEPENDENT,
                        Dependence.ENDPOINT_INDEPENDENT,
                        Allocation.random())
                .withHairpin(Hairpin.EXTERNAL_SOURCE)
                .withQuota(1000);
    }

    public NatPolicy withUdp(UnaryOperator<Rules> change) {
        return copy(change.apply(udp), tcp);
    }

    public NatPolicy withTcp(UnaryOperator<Rules> change) {
        return copy(udp, change.apply(tcp));
    }

    /** Changes the rules of both protocols. */
    public NatPolicy withBoth(UnaryOperator<Rules> change) {
        return copy(change.apply(udp), change.apply(tcp));
    }

    private NatPolicy copy(Rules forUdp, Rules forTcp) {
        return new NatPolicy(
                forUdp,
                forTcp,
                udpBlocked,
                hairpin,
                hairpinFiltered,
                unsolicited,
                timers,
                tcpPickup,
                quota,
                maxMappings,
                maxSessions);
    }

    public NatPolicy withAllocation(Allocation a) {
        return withBoth(r -> r.withAllocation(a));
    }

    public NatPolicy withBackground(double perSecond) {
        return withBoth(r -> r.withBackground(perSecond));
    }

    public NatPolicy withUdpBlocked() {
        return with(true, hairpin, hairpinFiltered, unsolicited, timers, tcpPickup);
    }

    public NatPolicy withHairpin(Hairpin h) {
        return with(udpBlocked, h, hairpinFiltered, unsolicited, timers, tcpPickup);
    }

    public NatPolicy withHairpinUnfiltered() {
        return with(udpBlocked, hairpin, false, unsolicited, timers, tcpPickup);
    }

    public NatPolicy withUnsolicited(Unsolicited u) {
        return with(udpBlocked, hairpin, hairpinFiltered, u, timers, tcpPickup);
    }

    public NatPolicy withTimers(NatTimers t) {
        return with(udpBlocked, hairpin, hairpinFiltered, unsolicited, t, tcpPickup);
    }

    public NatPolicy withoutTcpPickup() {
        return with(udpBlocked, hairpin, hairpinFiltered, unsolicited, timers, false);
    }

    private NatPolicy with(
            boolean blocked,
            Hairpin pin,
            boolean pinFiltered,
            Unsolicited answer,
            NatTimers times,
            boolean pickup) {
        return new NatPolicy(
                udp,
                tcp,
                blocked,
                pin,
                pinFiltered,
                answer,
                times,
                pickup,
                quota,
                maxMappings,
                maxSessions);
    }

    public NatPolicy withQuota(int mappingsPerHost) {
        return withLimits(mappingsPerHost, maxMappings, maxSessions);
    }

    public NatPolicy withLimits(int mappingsPerHost, int mappings, int sessionsPerMapping) {
        return new NatPolicy(
                udp,
                tcp,
                udpBlocked,
                hairpin,
                hairpinFiltered,
                unsolicited,
                timers,
                tcpPickup,
                mappingsPerHost,
                mappings,
                sessionsPerMapping);
    }
}
