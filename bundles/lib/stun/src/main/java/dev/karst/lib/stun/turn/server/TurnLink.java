// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The way to one client: a 5-tuple. Over a stream it lives as long as the connection. */
public abstract class TurnLink {
    final InetSocketAddress client;
    final boolean stream;
    Allocation allocation;

    /** Sockets for an allocation are being opened; until they are, nothing else is begun. */
    boolean busy;

    boolean gone;

    /**
     * A link.
     *
     * @param client its address
     * @param stream whether messages go through a byte stream: TCP or TLS
     */
    protected TurnLink(InetSocketAddress client, boolean stream) {
        this.client = client;
        this.stream = stream;
    }

    /** Whether it has an allocation. */
    public final boolean allocated() {
        return allocation != null;
    }

    /**
     * Sends a message or channel data, padded already; takes the bytes before it returns, or drops
     * them.
     */
    protected abstract void send(ByteBuffer out);

    /** RFC 6062: what follows on this connection belongs to that one, and no message comes. */
    protected void splice(PeerConnection peer) {
        throw new UnsupportedOperationException("no stream");
    }
}
