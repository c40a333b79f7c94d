// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.transport;

import dev.karst.Endpoint;
import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One working way between two peers: carries whole frames. Thread-safe; no call blocks.
 *
 * <p>The core encrypts above it: a path may see, repeat and lose frames, but read and forge
 * nothing.
 */
@ConsumerType
public interface Path {
    /** This end. */
    Endpoint local();

    /** The other end. */
    Endpoint remote();

    /** Longest frame in bytes, at least 1,200. */
    int maxFrame();

    /** Whether frames of one lane arrive all and in order while the path lives. */
    boolean reliable();

    /**
     * What both ends of this very path know, and nobody in between could make the same for two
     * paths: such as the hash of the certificates of a QUIC connection. The core binds its
     * handshake to it, so that a path spliced together in the middle is found out. Empty where
     * there is no such thing; at most 64 bytes; constant.
     */
    default byte[] binding() {
        return new byte[0];
    }

    /** Sets who is told, and begins to receive. Once only. */
    void start(PathHandler handler);

    /**
     * Sends one frame; its bytes are copied before the call returns.
     *
     * @param lane frames of one lane keep their order; lanes may overtake each other. 0 is control
     * @param frame 1 to {@link #maxFrame()} bytes
     * @return false when the path is full: hold back until {@link PathHandler#writable}; the frame
     *     itself was taken (unreliable paths: or dropped)
     */
    boolean send(int lane, ByteBuffer frame);

    /**
     * While held, what is sent may wait to leave together with what follows; let go, it leaves. A
     * hint for speed: the core holds a path while it has more to send at once, and lets it go
     * before it leaves its lock.
     */
    default void hold(boolean on) {}

    /** Stops or resumes receiving: back pressure to the peer. On after start. */
    void receiving(boolean on);

    /** Ends the path after what was sent; {@code closed} is still told. */
    void close();
}
