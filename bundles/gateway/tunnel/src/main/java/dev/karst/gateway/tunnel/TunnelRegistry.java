// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.PeerId;
import java.util.Optional;
import java.util.Set;

/** What the configured tunnels need beyond the public service; seen by this bundle only. */
interface TunnelRegistry {
    /** Makes an exposure that belongs to a configuration; the task removes it. */
    Runnable configure(String origin, String name, String target, Optional<Set<PeerId>> peers);

    /** Makes a forward that belongs to a configuration; the task removes it. */
    Runnable configure(String origin, String listen, PeerId peer, String name);
}
