// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An attempt's view of a UDP socket that the node shares. Told are STUN answers to requests sent
 * through it, and STUN requests whose USERNAME begins with {@link #user} and a colon, as in ICE
 * (RFC 8445 section 7.2.2). Sent may be STUN only; to an address from which no valid answer came
 * yet at most 20 packets go out in all, whoever sends them. Ends with the attempt.
 */
@ProviderType
public interface PunchSocket extends UdpSocket {
    /** Its external address as servers see it, where known and shared by all destinations. */
    Optional<InetSocketAddress> mapped();

    /** An address outside that the router forwards to it, where there is one. */
    Optional<InetSocketAddress> forwarded();

    /**
     * Whether a path of this node lives between this socket and that address now: then no other
     * can, however well it answers, as when the path's transport is drained.
     */
    default boolean taken(InetSocketAddress remote) {
        return false;
    }

    /** The user name fragment of this side: 4 to 32 characters, letters and digits. */
    String user();
}
