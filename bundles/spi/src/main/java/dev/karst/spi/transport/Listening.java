// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.transport;

import dev.karst.Endpoint;
import org.osgi.annotation.versioning.ConsumerType;

/** An open listener of a transport. */
@ConsumerType
public interface Listening {
    /** Where it listens, with the port that was picked; the host may be a wildcard address. */
    Endpoint endpoint();

    /** Stops listening; accepted paths stay. Does not block. */
    void close();
}
