// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One try of one strategy towards one peer; both sides hold it under the same id. Thread-safe; late
 * calls after the end are ignored or fail with {@link java.util.concurrent.CancellationException}.
 */
@ProviderType
public interface Attempt {
    /** 128 random bits in hex, the same on both sides. */
    String id();

    PeerId peer();

    /** True where {@code connect} was called; the other side takes part under the same id. */
    boolean initiator();

    /** Where this node may be reached. */
    List<Endpoint> localCandidates();

    /** Where the peer said it may be reached, in its own order of preference; unproven. */
    List<Endpoint> remoteCandidates();

    NatProfile localNat();

    NatProfile remoteNat();

    /** Opens a path by the transport of that scheme; fails with NO_PROVIDER where there is none. */
    CompletionStage<Path> dial(Endpoint to);

    /**
     * Lets the core shake hands on a path that {@link #dial} gave. From then on the path is the
     * core's: closing it here does nothing, since the peer may have chosen it already.
     *
     * @return completes with the path when the peer proved its PeerId there; fails with a {@link
     *     dev.karst.KarstException} (the path is then closed)
     */
    CompletionStage<Path> prove(Path path);

    /** Adds a line of evidence to the ConnectReport: what was sent, seen or concluded. */
    void evidence(String line);

    Scope scope();
}
