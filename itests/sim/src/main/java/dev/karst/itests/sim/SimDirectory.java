// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.PeerId;
import dev.karst.spi.Scope;
import dev.karst.spi.directory.PeerDirectory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The directory on the {@link SimBus}. */
public final class SimDirectory implements PeerDirectory {
    private final SimBus bus;
    private final SimHost host;

    public SimDirectory(SimBus bus, SimHost host) {
        this.bus = bus;
        this.host = host;
    }

    @Override
    public CompletionStage<List<Listing>> lookup(PeerId peer, Scope scope) {
        return bus.ask(
                host,
                scope,
                () -> bus.record(peer).map(Listing::of).map(List::of).orElse(List.of()));
    }

    @Override
    public CompletionStage<Void> publish(
            PeerId self, byte[] record, Consumer<Optional<byte[]>> onForeign, Scope scope) {
        byte[] copy = record.clone();
        return bus.ask(
                host,
                scope,
                () -> {
                    bus.publish(host, self, copy, onForeign, scope);
                    return null;
                });
    }
}
