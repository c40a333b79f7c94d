// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.nat.NatPolicy;

/** What two nodes may connect with. */
enum Means {
    /** Everything: the default settings of a node. */
    ALL,
    /** Without the strategies that make a TCP connection. */
    UDP,
    /** UDP passes neither NAT: only TCP strategies can be direct, and relays are asked by TCP. */
    TCP;

    boolean tcpStrategies() {
        return this != UDP;
    }

    NatPolicy of(NatPolicy p) {
        return this == TCP ? p.withUdpBlocked() : p;
    }
}
