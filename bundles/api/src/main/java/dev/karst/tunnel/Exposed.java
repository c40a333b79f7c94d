// SPDX-License-Identifier: Apache-2.0
package dev.karst.tunnel;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import java.util.Set;

/**
 * A local service that peers may reach, as seen now.
 *
 * @param name what peers ask for
 * @param target where the service listens
 * @param anyone whether everybody may use it
 * @param peers who may use it; empty if anyone may
 * @param origin the PID of the configuration it comes from; empty if it was made by a call
 * @param state {@code open}, or in words why not
 */
public record Exposed(
        String name,
        Endpoint target,
        boolean anyone,
        Set<PeerId> peers,
        String origin,
        String state,
        Traffic traffic) {
    public Exposed {
        peers = Set.copyOf(peers);
    }
}
