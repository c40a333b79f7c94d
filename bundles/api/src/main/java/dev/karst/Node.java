// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The local participant: owns the identity and all sessions. An OSGi service, one per container,
 * registered by the core once the identity is loaded. All methods are thread-safe and return at
 * once. Stages complete on a core or network thread: what is chained to them must not block.
 */
@ProviderType
public interface Node {
    /** Who this node is. */
    PeerId id();

    /**
     * What to hand to others so that they can connect here; changes as signaling comes and goes.
     */
    PeerAddress address();

    /** Places where this node listens right now, to be shared on purpose. */
    List<Endpoint> listening();

    /**
     * True once the node listens and its signaling backends were connected, or ten seconds passed
     * without one of them; then stays true.
     */
    boolean ready();

    /**
     * Connects to a peer known to a directory.
     *
     * @return completes with the peer once a session stands; fails with {@link KarstException}:
     *     {@code NOT_FOUND}, {@code UNREACHABLE}, {@code WRONG_KEY}, {@code INCOMPATIBLE}, {@code
     *     NO_PROVIDER}, {@code TIMEOUT} or {@code LIMIT}. When a session stands already, completes
     *     at once with it.
     */
    CompletionStage<Peer> connect(PeerId id);

    /**
     * As {@link #connect(PeerId)}, with the address in hand; fails with WRONG_KEY if it is forged.
     */
    CompletionStage<Peer> connect(PeerAddress address);

    /**
     * Opens a protocol to peers. Nothing is open unless said here.
     *
     * @return closing it refuses new pipes; those that are open stay
     * @throws IllegalStateException if the protocol is open already
     */
    Subscription accept(ProtocolId protocol, AccessPolicy who, PipeAcceptor acceptor);

    /**
     * Events from now on, in order, one at a time, on a thread of the core. A listener that throws
     * is logged and stays subscribed; one that blocks delays only the listeners.
     */
    Subscription watch(Consumer<? super NodeEvent> listener);

    /** Peers with a session, connected or suspended. A snapshot. */
    List<Peer> peers();

    /**
     * How the last connect to this peer went, also if it failed; empty report if there was none.
     */
    ConnectReport report(PeerId peer);
}
