// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.udp.RelayHub;
import dev.karst.core.udp.SharedSocket;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** The UDP sockets of the node, as attempts need them. */
public interface Sockets {
    /** The shared ones, IPv4 first. */
    List<SharedSocket> shared();

    /** Makes a socket of an attempt's own work like the shared ones. */
    SharedSocket share(UdpSocket socket);

    /** Where servers see that socket; empty where that is unknown or differs by destination. */
    Optional<InetSocketAddress> mapped(InetSocketAddress local);

    /** Where a router forwards to that socket. */
    Optional<InetSocketAddress> forwarded(InetSocketAddress local);

    RelayHub relays();
}
