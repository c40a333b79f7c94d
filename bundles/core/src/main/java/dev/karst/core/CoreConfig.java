// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.core.ports.PortSettings;
import java.util.List;

/**
 * Settings of a node.
 *
 * @param listen endpoints to listen at; port 0 picks one
 * @param allow peers that may hold a session although nothing is open to them yet
 * @param udpPort of the shared UDP sockets; 0 picks one
 * @param ports what may be opened on routers
 */
public record CoreConfig(
        List<Endpoint> listen, List<PeerId> allow, Limits limits, int udpPort, PortSettings ports) {
    public CoreConfig {
        listen = List.copyOf(listen);
        allow = List.copyOf(allow);
    }

    public CoreConfig(List<Endpoint> listen, List<PeerId> allow, Limits limits) {
        this(listen, allow, limits, 0, PortSettings.defaults());
    }
}
