// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/** A connected byte stream held by the core. Thread-safe; no call blocks. */
@ProviderType
public interface TcpSocket {
    InetSocketAddress local();

    InetSocketAddress remote();

    /** Sets who is told, and begins to read. Once only. */
    void start(TcpHandler handler);

    /**
     * Copies all remaining bytes of {@code parts}, in order and as one unit, to be sent.
     *
     * @return false when more than 256 KiB wait to be sent: stop until {@link TcpHandler#writable}.
     *     What was given is sent all the same; above 32 MiB the socket is closed instead.
     */
    boolean write(ByteBuffer... parts);

    /**
     * While held, what is written may wait to leave together with what follows; let go, it leaves.
     * A hint: nothing but speed depends on it. Held for microseconds only.
     */
    default void hold(boolean on) {}

    /** Stops or resumes reading: back pressure to the sender. Reading is on after start. */
    void reading(boolean on);

    /** Sends what waits, then the end of the stream (half-close). */
    void finish();

    /** Sends what waits for up to a second, then closes. {@code closed} is still told. */
    void close();

    /** Closes at once by RST; what waits is lost. */
    void abort();
}
