// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The session with one peer. Thread-safe; stages complete on a core or network thread and must not
 * be blocked on there.
 */
@ProviderType
public interface Peer {
    PeerId id();

    PeerState state();

    /** Paths that live now, the one in use first. A snapshot. */
    List<PathInfo> paths();

    /** Pipes that are open now. A snapshot. */
    List<PipeInfo> pipes();

    /** How the connection came about: every attempt, and why this path. */
    ConnectReport report();

    /**
     * Opens a reliable, ordered byte stream.
     *
     * @return completes when the peer accepted; fails with {@code NOT_PERMITTED}, {@code LIMIT},
     *     {@code RESET}, {@code PEER_RESTARTED}, {@code SUSPENDED_TOO_LONG} or {@code CLOSED}.
     *     While the session is suspended the stage waits.
     */
    CompletionStage<StreamPipe> openStream(ProtocolId protocol, PipeOptions options);

    /** Opens a datagram pipe; completes and fails as {@link #openStream}. */
    CompletionStage<DatagramPipe> openDatagrams(ProtocolId protocol, PipeOptions options);

    /**
     * Ends the session and all its pipes on both sides.
     *
     * @return completes when everything here is released; never fails
     */
    CompletionStage<Void> disconnect();
}
