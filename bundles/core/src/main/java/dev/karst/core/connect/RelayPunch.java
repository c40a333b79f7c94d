// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.udp.RelayHub.Relayed;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** An attempt's view of an address at a relay. */
final class RelayPunch extends Punch implements RelayPunchSocket {
    private final Relayed relay;

    RelayPunch(Relayed relay, String user) {
        super(relay.shared(), user, Outside.unknown());
        this.relay = relay;
    }

    @Override
    public InetSocketAddress server() {
        return relay.server();
    }

    @Override
    public CompletionStage<Void> permit(InetAddress peer) {
        return relay.permit(peer);
    }

    @Override
    ProviderHandle<RelayProvider> relayedBy() {
        return relay.by();
    }
}
