// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

/**
 * One kind of NAT out of a list.
 *
 * @param name unique in its list
 * @param udp what can be seen of it with UDP
 * @param tcp what can be seen of it with TCP
 */
public record NatConfig(String name, NatPolicy policy, Seen udp, Seen tcp) {
    /** Of one whose rules can be seen as they are. */
    static NatConfig plain(String name, NatPolicy p) {
        return new NatConfig(name, p, Seen.of(p.udp()), Seen.of(p.tcp()));
    }

    @Override
    public String toString() {
        return name;
    }
}
