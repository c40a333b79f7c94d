// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Node;
import dev.karst.spi.Scopes;

/** The core while it is there. Tunnels drop every reference to it when it goes. */
record Core(Node node, Scopes scopes) {}
