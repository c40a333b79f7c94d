// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told by a {@link TcpSocket}, one call at a time, on a network thread: never block. A handler that
 * throws has its socket closed and the error counted.
 */
@ConsumerType
public interface TcpHandler {
    /** Bytes arrived; the buffer is the socket's and valid only during the call. Up to 256 KiB. */
    void bytes(ByteBuffer bytes);

    /** Below 64 KiB wait again, after {@code write} returned false. */
    default void writable() {}

    /** The peer ended its direction (half-close). */
    default void finished() {}

    /** The last call: the socket is gone; empty when both sides ended in order. */
    void closed(Optional<Throwable> why);
}
