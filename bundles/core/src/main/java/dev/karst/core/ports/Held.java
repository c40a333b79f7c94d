// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.spi.portmap.PortLease;
import java.time.Instant;

/**
 * A lease and what the core knows of it.
 *
 * @param by name of the mapper's protocol
 * @param gateway the router, for people
 * @param until wall clock: for people, and to forget what a crashed node left; {@link Instant#MAX}
 *     = until it is released
 */
public record Held(String by, String gateway, PortLease lease, Instant until) {}
