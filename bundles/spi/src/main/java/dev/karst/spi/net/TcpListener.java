// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.net.InetSocketAddress;
import org.osgi.annotation.versioning.ProviderType;

/** A listening TCP socket held by the core. */
@ProviderType
public interface TcpListener {
    /** The bound address, with the port that was picked. */
    InetSocketAddress local();

    /** Stops listening; accepted sockets stay. Does not block. */
    void close();
}
