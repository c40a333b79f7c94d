// SPDX-License-Identifier: Apache-2.0
package dev.karst.tunnel;

import dev.karst.PeerId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Exposes local services to peers and forwards local ports to services of peers. An OSGi service of
 * the tunnel gateway. Thread-safe; no call blocks.
 *
 * <p>What is made here lives until it is removed or the gateway stops; what shall outlive a restart
 * belongs into configuration (factory PIDs {@code dev.karst.gateway.tunnel.expose} and {@code
 * dev.karst.gateway.tunnel.forward}). Tunnels stay when the core restarts: they wait for it and go
 * on with new connections.
 *
 * <p>An address is {@code tcp://host:port} or {@code udp://host:port}. Without a host ({@code
 * tcp://:8080}) it is {@code 127.0.0.1}; without a scheme ({@code 8080}) it is TCP.
 */
@ProviderType
public interface Tunnels {
    /** Most characters of a service name; they are letters, digits and {@code . _ -}. */
    int MAX_NAME = 48;

    /**
     * Opens a local service to these peers.
     *
     * @param name what peers ask for; one service per name
     * @param target where the service listens, as in {@code tcp://127.0.0.1:8080}
     * @param peers who may use it; at least one
     * @throws dev.karst.KarstException {@code CONFIGURATION} if the name is malformed or taken, the
     *     target is no address, or nobody is named
     */
    Exposed expose(String name, String target, Set<PeerId> peers);

    /** As {@link #expose}, to everybody who proves a key: say so only where that is meant. */
    Exposed exposeToAnyone(String name, String target);

    /**
     * Listens here and carries each connection (UDP: each source address) to a peer's service. The
     * peer is connected when it is first needed, and again with the next connection if that failed.
     *
     * @param listen where to listen, as in {@code tcp://127.0.0.1:0}; port 0 picks one and keeps it
     * @param peer whose service
     * @param name the name under which the peer exposes it
     * @return completes when it listens, or at once while the core is away; fails with {@link
     *     dev.karst.KarstException} {@code CONFIGURATION} (malformed, or forwarded already) or
     *     {@code IO} (port in use)
     */
    CompletionStage<Forwarded> forward(String listen, PeerId peer, String name);

    /** Services that are exposed, by name. A snapshot. */
    List<Exposed> exposed();

    /** Ports that are forwarded, by address. A snapshot. */
    List<Forwarded> forwarded();

    /**
     * Closes a service to new connections and ends those that are open.
     *
     * @return false if there is none of that name
     * @throws dev.karst.KarstException {@code CONFIGURATION} if it comes from configuration: it has
     *     to be removed there
     */
    boolean unexpose(String name);

    /**
     * Stops a forward and ends its connections.
     *
     * @param listen as {@link Forwarded#listen()} shows it, or what {@link #forward} was given
     * @return false if there is none
     * @throws dev.karst.KarstException as {@link #unexpose}
     */
    boolean unforward(String listen);
}
