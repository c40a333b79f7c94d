// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/** What the state machine asks of its shell. */
public interface TurnIo {
    /** What sockets an allocation wants. */
    enum Wish {
        /** One UDP socket. */
        ANY,
        /** One with an even port. */
        EVEN,
        /** One with an even port, and the next one. */
        PAIR,
        /** One that listens for TCP and connects. */
        TCP
    }

    /** A link to a UDP client. */
    TurnLink link(int end, InetSocketAddress client);

    /** Whether there are relayed addresses of that family. */
    boolean serves(boolean four);

    /**
     * Opens sockets.
     *
     * @param done told the sockets, or an empty list; now or later, on the same thread
     */
    void open(boolean four, Wish wish, Consumer<List<RelayPort>> done);
}
