// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import static dev.karst.itests.sim.nat.Dependence.ADDRESS_AND_PORT_DEPENDENT;
import static dev.karst.itests.sim.nat.Dependence.ENDPOINT_INDEPENDENT;

import dev.karst.itests.sim.nat.Allocation;
import dev.karst.itests.sim.nat.NatPolicy;
import java.util.random.RandomGenerator;

/** Where nodes live: what is common, and what needs each of the strategies. */
enum Homes {
    OPEN(NatPolicy.open()),
    FIREWALL(NatPolicy.firewall(ADDRESS_AND_PORT_DEPENDENT)),
    FULL_CONE(NatPolicy.nat(ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT, Allocation.preserve())),
    HOME(NatPolicy.home()),
    RANDOM_PORTS(
            NatPolicy.nat(ENDPOINT_INDEPENDENT, ADDRESS_AND_PORT_DEPENDENT, Allocation.random())),
    SEQUENTIAL(
            NatPolicy.nat(
                    ADDRESS_AND_PORT_DEPENDENT,
                    ADDRESS_AND_PORT_DEPENDENT,
                    Allocation.dependent(1))),
    SYMMETRIC(NatPolicy.symmetric()),
    /** TCP can be punched or relayed, nothing else. */
    NO_UDP(NatPolicy.home().withUdpBlocked()),
    /** Two NATs, one behind the other. */
    CARRIER(NatPolicy.home());

    private final NatPolicy policy;

    Homes(NatPolicy policy) {
        this.policy = policy;
    }

    NatPolicy policy() {
        return policy;
    }

    boolean behindCarrier() {
        return this == CARRIER;
    }

    /** Whether there is a router that can open ports. */
    boolean translates() {
        return this != OPEN && this != FIREWALL;
    }

    static Homes any(RandomGenerator random) {
        return values()[random.nextInt(values().length)];
    }
}
