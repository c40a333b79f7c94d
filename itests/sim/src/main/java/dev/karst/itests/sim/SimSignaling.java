// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.signaling.SignalSink;
import dev.karst.spi.signaling.SignalingBackend;
import java.util.concurrent.CompletionStage;

/** Signaling over the {@link SimBus}, scheme {@code sim}. */
public final class SimSignaling implements SignalingBackend {
    private final SimBus bus;
    private final SimHost host;

    public SimSignaling(SimBus bus, SimHost host) {
        this.bus = bus;
        this.host = host;
    }

    @Override
    public boolean reaches(Endpoint endpoint) {
        return endpoint.scheme().equals("sim");
    }

    @Override
    public CompletionStage<Void> send(PeerId to, Endpoint via, byte[] sealed, Scope scope) {
        if (sealed.length > MAX_SIGNAL) {
            throw new IllegalArgumentException("signal of " + sealed.length + " bytes");
        }
        byte[] copy = sealed.clone();
        return bus.ask(
                host,
                scope,
                () -> {
                    bus.post(host, to, copy);
                    return null;
                });
    }

    @Override
    public Subscription receive(PeerId self, SignalSink sink, Scope scope) {
        return bus.receive(host, self, sink, scope);
    }
}
