// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.net.InetSocketAddress;

/**
 * A TCP connection as a fault sees it.
 *
 * @param client name of the host that connected
 * @param server name of the host that it asked for, or "?" while translated on the way
 * @param from the client's own address
 * @param to where it connected to
 */
public record TcpFlow(
        long id, String client, String server, InetSocketAddress from, InetSocketAddress to) {}
