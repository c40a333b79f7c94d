// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.net.InetSocketAddress;

/**
 * A candidate of either side, component 1, UDP.
 *
 * @param priority 1 to 2^31 - 1
 * @param foundation the same for candidates that most likely work or fail together
 */
public record IceCandidate(
        CandidateType type, InetSocketAddress address, long priority, String foundation) {
    public IceCandidate {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("unresolved: " + address);
        }
        priority = IcePriorities.clamp(priority);
    }

    /** With the recommended priority and a foundation of its own. */
    public static IceCandidate of(
            CandidateType type, InetSocketAddress address, int localPreference) {
        return new IceCandidate(
                type,
                address,
                IcePriorities.of(type, localPreference),
                type.token() + "/" + IcePath.text(address));
    }

    @Override
    public String toString() {
        return type.token() + " " + IcePath.text(address);
    }
}
