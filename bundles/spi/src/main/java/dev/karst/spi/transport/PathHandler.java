// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.transport;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/** The core, told by a {@link Path}: one call at a time, on a network thread. Does not block. */
@ProviderType
public interface PathHandler {
    /**
     * A whole frame, valid only during the call. The core may change the bytes; heap buffers spare
     * it a copy.
     */
    void frame(ByteBuffer frame);

    /** {@code send} may be called again after it returned false. */
    void writable();

    /** The last call. */
    void closed(String why);
}
