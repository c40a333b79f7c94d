// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Datagrams to and from one remote endpoint, over a socket that others may use too or over a relay;
 * held by the core. STUN is told apart before: a flow never sees it. Thread-safe; no call blocks.
 */
@ProviderType
public interface DatagramFlow {
    InetSocketAddress local();

    InetSocketAddress remote();

    /** Sets who is told, and begins to receive; what came before is lost. Once only. */
    void start(UdpSocket.Handler handler);

    /**
     * Sends one datagram; the bytes are copied or sent before it returns.
     *
     * @return false when it was dropped or the flow is over
     */
    boolean send(ByteBuffer datagram);

    /** Ends the flow; the socket below lives on where others use it. */
    void close();
}
