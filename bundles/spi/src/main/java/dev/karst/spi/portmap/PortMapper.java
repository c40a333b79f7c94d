// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.portmap;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One protocol by which a router opens ports. Keeps no state: gateways and leases are data of the
 * core, which probes all mappers in parallel, renews at half of the lifetime and releases when the
 * node stops. A mapper that leaves releases nothing. Called on a thread of the provider. Service
 * property: {@code karst.name}, under which the core keeps the leases, such as {@code pcp}.
 *
 * <p>Every stage fails, with a {@link dev.karst.KarstException} whose message says what the gateway
 * said, when the gateway refuses or does not answer in time; the protocol's own retransmission is
 * the mapper's business, within the scope's deadline. Answers from any other host than the gateway
 * are dropped and counted.
 */
@ConsumerType
public interface PortMapper {
    /**
     * Looks for gateways that speak this protocol.
     *
     * @param route the way out whose router is meant; its family says whether mappings (IPv4) or
     *     pinholes (IPv6) are wanted
     * @return the gateways, best first; fails when there is none. Where the router answers at once,
     *     so does this
     */
    CompletionStage<List<PortGateway>> probe(Network.Gateway route, Scope scope);

    /** Asks for a mapping. */
    CompletionStage<PortLease> acquire(PortRequest request, PortGateway gateway, Scope scope);

    /**
     * Extends a lease, or makes it again where the gateway forgot it; with the same external port
     * if that can be had.
     *
     * @param request what is wanted, as it was for {@link #acquire}
     */
    CompletionStage<PortLease> renew(PortLease lease, PortRequest request, Scope scope);

    /** Gives a mapping back; completes as well when the gateway does not know it any more. */
    CompletionStage<Void> release(PortLease lease, Scope scope);

    /**
     * Listens for news that a gateway forgot its mappings (restart, new external address), where
     * the protocol has such news.
     *
     * @param forgot called on any thread, for each such news; never after the scope's end
     * @param scope lives as long as the gateway is used
     */
    default Subscription watch(PortGateway gateway, Runnable forgot, Scope scope) {
        return () -> {};
    }
}
