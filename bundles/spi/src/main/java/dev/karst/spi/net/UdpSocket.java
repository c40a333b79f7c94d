// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** A bound UDP socket held by the core. Thread-safe; no call blocks. */
@ProviderType
public interface UdpSocket {
    InetSocketAddress local();

    /** Sets who is told, and begins to read. Once only. */
    void start(Handler handler);

    /**
     * Sends one datagram; the bytes are copied or sent before it returns.
     *
     * @return false when the operating system would not take it now (dropped) or the socket is
     *     closed
     */
    boolean send(InetSocketAddress to, ByteBuffer datagram);

    void close();

    /** Told one call at a time, on a network thread: never block. */
    @ConsumerType
    interface Handler {
        /** The buffer is the socket's and valid only during the call. */
        void datagram(InetSocketAddress from, ByteBuffer bytes);

        /** The last call. */
        default void closed() {}
    }
}
