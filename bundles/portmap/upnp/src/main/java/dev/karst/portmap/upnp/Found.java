// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import dev.karst.spi.portmap.PortGateway;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.Optional;

/**
 * A service that was understood.
 *
 * @param router whether it is the next hop of the route
 * @param connected whether it says to be connected to the Internet
 */
record Found(
        String model,
        Control control,
        boolean router,
        boolean connected,
        Optional<InetAddress> external) {
    /** Connected, with an address that leads somewhere, the router, the newest version. */
    static final Comparator<Found> BEST_FIRST =
            Comparator.comparing((Found f) -> !f.connected)
                    .thenComparing(f -> !f.reachable())
                    .thenComparing(f -> !f.router)
                    .thenComparing(f -> -f.control.kind().version());

    private boolean reachable() {
        return external.isPresent() && IpAddresses.isPublic(external.get());
    }

    PortGateway gateway() {
        String address = IpAddresses.text(control.gateway());
        String name = model.isEmpty() ? address : model + " (" + address + ")";
        return new PortGateway(name, external, control.state());
    }
}
