// SPDX-License-Identifier: Apache-2.0
package dev.karst.tunnel;

import dev.karst.Endpoint;
import dev.karst.PeerId;

/**
 * A local port that leads to a peer's service, as seen now.
 *
 * @param listen where it listens, with the port that was picked
 * @param peer whose service
 * @param name the name under which the peer exposes it
 * @param origin the PID of the configuration it comes from; empty if it was made by a call
 * @param state {@code listening}, or in words why not
 */
public record Forwarded(
        Endpoint listen, PeerId peer, String name, String origin, String state, Traffic traffic) {}
