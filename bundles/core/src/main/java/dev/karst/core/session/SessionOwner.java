// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.NodeEvent;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import java.time.Duration;
import java.util.Optional;

/** What a {@link Session} needs of its node; called with no lock held, except where it says so. */
public interface SessionOwner {
    /** Who takes inbound pipes of this protocol from this peer; empty = not permitted. Locked. */
    Optional<PipeAcceptor> acceptor(PeerId peer, ProtocolId protocol);

    void event(NodeEvent event);

    /** A path came into use, the first one or another. */
    void inUse(Session session);

    /** The path in use may be dead: look for another one, as long as this is so. */
    void suspect(Session session);

    /** How long a UDP path may be silent before the NAT here might forget it, with a margin. */
    Duration udpKeepAlive();

    /**
     * All paths are gone: look for new ones until told otherwise.
     *
     * @param dialed whether the last one was made by a plain dial, of whichever side
     */
    void suspended(Session session, boolean dialed);

    /** The session is over. */
    void closed(Session session);

    /** The peer told its present address. */
    void address(PeerId peer, String text);

    /** Our own address, with places, for the peer's eyes. */
    String ownAddressText();
}
