// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.signaling;

import dev.karst.Endpoint;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** The core, told by a signaling backend, on any thread; does not block. */
@ProviderType
public interface SignalSink {
    /** A sealed signal came in. */
    void signal(byte[] sealed);

    /**
     * The backend is connected and this node can be signaled there (one or more endpoints), or it
     * lost its connection (none).
     */
    void reachableAt(List<Endpoint> endpoints);
}
