// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Which peers may open a protocol. Called by the core on a network thread for every inbound pipe
 * and unknown caller; must return at once and not block. A policy that throws admits nobody.
 */
@ConsumerType
@FunctionalInterface
public interface AccessPolicy {
    boolean admits(PeerId peer);

    /** Everybody who proves a key; say so only where that is meant. */
    static AccessPolicy any() {
        return p -> true;
    }

    /** Exactly these peers. */
    static AccessPolicy only(PeerId... peers) {
        Set<PeerId> set = Set.of(peers);
        return set::contains;
    }
}
