// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

/** How a box answers what comes from outside and has no mapping, or does not pass the filter. */
public enum Unsolicited {
    DROP,
    /** TCP is reset; UDP is dropped. */
    TCP_RST,
    ICMP_PORT_UNREACHABLE,
    ICMP_ADMIN_PROHIBITED,
    /**
     * The box's own network stack answers (RST, port unreachable) and its connection tracking
     * remembers a datagram for 30 s: until then a mapping towards exactly that sender cannot use
     * the port, so that a port-preserving EIM NAT acts symmetric towards it. As Linux routers do
     * that have no drop rule for their own input.
     */
    OWN_STACK
}
