// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.signaling;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Carries small sealed messages to a peer. May lose, repeat and reorder them; cannot read or forge
 * them. Service properties: {@code karst.name}, {@code karst.scheme}. Called on a thread of the
 * provider.
 */
@ConsumerType
public interface SignalingBackend {
    /** Longest signal, in bytes. */
    int MAX_SIGNAL = 16 * 1024;

    /**
     * Whether this backend reaches that endpoint (of a peer's record) now or by connecting on
     * demand. Must not block.
     */
    boolean reaches(Endpoint endpoint);

    /**
     * Sends one signal.
     *
     * @param to the peer
     * @param via one of the peer's signaling endpoints
     * @param sealed at most {@value #MAX_SIGNAL} bytes
     * @return completes when the backend's server acknowledged it; fails with {@link
     *     java.io.IOException}
     */
    CompletionStage<Void> send(PeerId to, Endpoint via, byte[] sealed, Scope scope);

    /**
     * Receives signals for {@code self} and reports where this node can be signaled, until the
     * result is closed or the scope is cancelled. Reconnects by itself with back-off.
     */
    Subscription receive(PeerId self, SignalSink sink, Scope scope);
}
