// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetSocketAddress;

/** A TCP connection to a peer, RFC 6062; reads nothing before a client's connection is joined. */
public interface PeerConnection {
    InetSocketAddress remote();

    /** Closes it, and what it is joined with. */
    void close();
}
