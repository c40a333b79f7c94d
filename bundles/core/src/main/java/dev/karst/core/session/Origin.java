// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.world.CoreScope;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Transport;

/**
 * How a path came to be.
 *
 * @param strategy its name; {@code inbound} where nobody here looked for it
 * @param attempt its id in hex; empty for inbound ones
 * @param initiator whether the attempt, and so the handshake, is ours to begin
 * @param scope the path's own: what is open for it ends with it
 * @param dialed whether one side dialed the other: it can do so again without that one's help
 * @param relayed whether a relay passes its data on: any other path is better
 * @param relay who holds our address at the relay; null where there is none, or it is the peer's
 */
public record Origin(
        String strategy,
        String attempt,
        boolean initiator,
        ProviderHandle<Transport> transport,
        CoreScope scope,
        boolean dialed,
        boolean relayed,
        ProviderHandle<RelayProvider> relay) {
    /** Of a path that this side dials. Who is dialed waits for the handshake. */
    public static Origin dialed(
            String strategy, String attempt, ProviderHandle<Transport> by, CoreScope scope) {
        return new Origin(strategy, attempt, true, by, scope, true, false, null);
    }

    /** Of a path that came in. */
    static Origin inbound(ProviderHandle<Transport> by, CoreScope scope) {
        return new Origin("inbound", "", false, by, scope, true, false, null);
    }

    /** Whether who carries it is being taken out of use: another path is to replace it. */
    boolean leaving() {
        return !transport.usable() || relay != null && !relay.usable();
    }
}
