// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * An answer to a binding request.
 *
 * @param from where it came from
 * @param message a success or an error
 * @param rtt nanoseconds since the very request that it answers was sent
 * @param first whether it answers the first request, not one that repeated it
 */
record Answer(InetSocketAddress from, StunMessage message, long rtt, boolean first) {
    boolean error() {
        return message.kind() == StunClass.ERROR;
    }

    /** What the server sees of us; empty if it tells nothing that can be. */
    Optional<InetSocketAddress> mapped() {
        return mapped(message).filter(a -> Addresses.sameFamily(a.getAddress(), from.getAddress()));
    }

    static Optional<InetSocketAddress> mapped(StunMessage m) {
        Optional<InetSocketAddress> xor = m.get(StunAttributes.XOR_MAPPED_ADDRESS);
        return (xor.isPresent() ? xor : m.get(StunAttributes.MAPPED_ADDRESS))
                .filter(Addresses::isUnicast);
    }

    /** The other address, in the words of RFC 5780 or of RFC 3489. */
    Optional<InetSocketAddress> other() {
        Optional<InetSocketAddress> other = message.get(StunAttributes.OTHER_ADDRESS);
        return other.isPresent() ? other : message.get(StunAttributes.CHANGED_ADDRESS);
    }
}
