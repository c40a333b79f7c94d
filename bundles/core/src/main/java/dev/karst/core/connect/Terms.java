// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.spi.nat.NatProfile;
import java.util.List;

/**
 * What both sides know at the start of an attempt.
 *
 * @param remote the peer's places, as it says; unproven
 * @param remoteNat likewise; unknown unless a signal told
 */
record Terms(
        String id,
        boolean initiator,
        List<Endpoint> local,
        List<Endpoint> remote,
        NatProfile localNat,
        NatProfile remoteNat) {
    Terms {
        local = List.copyOf(local);
        remote = List.copyOf(remote);
    }
}
