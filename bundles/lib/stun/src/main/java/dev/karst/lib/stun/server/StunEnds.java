// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The sockets of a server, all of one IP family: A:p alone, or A:p and A:q, or A:p, A:q, B:p and
 * B:q. In an index, bit 0 is the port and bit 1 the address. Addresses are as clients see them; the
 * wildcard means that they are not known, and they are not told then.
 *
 * @param ends in the order above
 */
public record StunEnds(List<InetSocketAddress> ends) {
    public StunEnds {
        ends = List.copyOf(ends);
        if (ends.size() != 1 && ends.size() != 2 && ends.size() != 4) {
            throw new IllegalArgumentException("1, 2 or 4 ends expected: " + ends);
        }
        if (ends.size() == 4) {
            for (int i = 0; i < 2; i++) {
                if (ends.get(i).getPort() != ends.get(i + 2).getPort()) {
                    // RFC 5780 section 6: else OTHER-ADDRESS must not be told.
                    throw new IllegalArgumentException("both addresses need the same ports");
                }
            }
        }
    }

    /** The whole of RFC 5780: two addresses with two ports each. */
    public boolean full() {
        return ends.size() == 4;
    }

    Optional<InetSocketAddress> told(int index) {
        InetSocketAddress end = ends.get(index);
        return end.getAddress().isAnyLocalAddress() ? Optional.empty() : Optional.of(end);
    }

    /** Where an answer comes from; nothing if there is no such end. */
    Optional<Integer> change(int index, boolean ip, boolean port) {
        if (ip && ends.size() < 4 || port && ends.size() < 2) {
            return Optional.empty();
        }
        return Optional.of(index ^ (ip ? 2 : 0) ^ (port ? 1 : 0));
    }
}
