// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes connections of a {@link TcpListener}, on a network thread: never block. */
@ConsumerType
@FunctionalInterface
public interface TcpAcceptor {
    /** Call {@link TcpSocket#start} or close it; if this throws, the core closes it. */
    void accepted(TcpSocket socket);
}
