// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** A socket with a relayed address, made by the shell. */
public abstract class RelayPort {
    /** Whose it is; null while it is reserved, and after it was given back. */
    TurnRelay owner;

    /** The relayed address, as peers see it. */
    protected abstract InetSocketAddress address();

    /** Sends a datagram, or drops it; takes the bytes before it returns. */
    protected abstract void send(InetSocketAddress peer, ByteBuffer datagram);

    /**
     * RFC 6062: connects from the relayed address.
     *
     * @param done told the connection, or nothing
     */
    protected void connect(InetSocketAddress peer, Consumer<Optional<PeerConnection>> done) {
        done.accept(Optional.empty());
    }

    protected abstract void close();
}
