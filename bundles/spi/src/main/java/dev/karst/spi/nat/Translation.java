// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

/** What a NAT or firewall does to one protocol, UDP or TCP. */
public record Translation(Behavior mapping, Behavior filtering, PortAllocation allocation) {
    public static Translation unknown() {
        return new Translation(Behavior.UNKNOWN, Behavior.UNKNOWN, PortAllocation.unknown());
    }
}
