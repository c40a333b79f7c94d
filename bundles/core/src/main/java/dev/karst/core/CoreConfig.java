// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import java.util.List;

/**
 * Settings of a node.
 *
 * @param listen endpoints to listen at; port 0 picks one
 * @param allow peers that may hold a session although nothing is open to them yet
 */
public record CoreConfig(List<Endpoint> listen, List<PeerId> allow, Limits limits) {
    public CoreConfig {
        listen = List.copyOf(listen);
        allow = List.copyOf(allow);
    }
}
