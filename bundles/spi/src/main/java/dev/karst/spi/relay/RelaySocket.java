// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.relay;

import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An address at a relay, used like a UDP socket: {@link #local} is the relayed address, datagrams
 * come with the source that the relay saw. Closing it gives the address back; the provider keeps it
 * alive until then.
 */
@ConsumerType
public interface RelaySocket extends UdpSocket {
    /** Where the relay is, for reports. */
    InetSocketAddress server();

    /**
     * Lets datagrams from that address in, whatever the port (a permission, RFC 8656 section 9),
     * until the socket is closed. {@link #send} asks for it by itself, but what comes in first
     * needs it before.
     *
     * @return fails when the relay refuses
     */
    CompletionStage<Void> permit(InetAddress peer);
}
