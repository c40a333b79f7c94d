// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.osgi.annotation.versioning.ProviderType;

/** Datagrams inside a session: encrypted, unordered, may be lost, never repeated. */
@ProviderType
public interface DatagramPipe extends Pipe {
    /**
     * Sends one datagram; the bytes are copied.
     *
     * @return false when it was dropped and counted: the pipe is suspended, the path is congested,
     *     or the datagram is longer than {@link #maxSize()}
     */
    boolean send(ByteBuffer datagram);

    /** Longest datagram now, in bytes; may shrink when the path changes. */
    int maxSize();

    /** Datagrams refused by {@link #send} or dropped for want of demand, so far. */
    long dropped();

    /**
     * Incoming datagrams. One subscriber only; those that come while it has no demand are dropped
     * and counted. On network threads: never block.
     */
    Flow.Publisher<ByteBuffer> incoming();
}
