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

    /** Datagrams refused by {@link #send}, or dropped since a window of them waited, so far. */
    long dropped();

    /**
     * Incoming datagrams. One subscriber only; while it has no demand or is busy a window of them
     * waits (each with 128 bytes more than its own), and what comes then is dropped and counted. On
     * network threads: never block.
     */
    Flow.Publisher<ByteBuffer> incoming();
}
