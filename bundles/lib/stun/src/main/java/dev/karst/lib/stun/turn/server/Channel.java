// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetSocketAddress;

/** A number that stands for a peer, RFC 8656 section 12. */
final class Channel {
    static final int FIRST = 0x4000;

    /** RFC 8656 ends at 0x4fff; clients of RFC 5766, coturn's own among them, use all of these. */
    static final int LAST = 0x7fff;

    final int number;
    final InetSocketAddress peer;
    final TurnRelay relay;

    /** The peer is on this machine: try what is relayed here first. */
    final boolean local;

    /** The peer may be reached through a socket. */
    final boolean reachable;

    long expiresAt;

    Channel(int number, InetSocketAddress peer, TurnRelay relay, boolean local, boolean reachable) {
        this.number = number;
        this.peer = peer;
        this.relay = relay;
        this.local = local;
        this.reachable = reachable;
    }
}
