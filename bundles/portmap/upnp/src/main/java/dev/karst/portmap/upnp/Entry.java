// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.spi.Scope;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/**
 * What a gateway's table says of one mapping.
 *
 * @param lease seconds that are left, 0 = for ever, -1 = it does not tell
 */
record Entry(String client, String port, long lease) {
    static CompletionStage<Entry> ask(
            Control control, InetAddress local, int port, String protocol, Scope scope) {
        return control.call(
                        "GetSpecificPortMappingEntry",
                        local,
                        scope,
                        "NewRemoteHost",
                        "",
                        "NewExternalPort",
                        String.valueOf(port),
                        "NewProtocol",
                        protocol)
                .thenApply(
                        r -> {
                            String client = r.textOf("NewInternalClient");
                            if (client.isEmpty()) {
                                throw UpnpFailure.garbage("the gateway does not tell a mapping");
                            }
                            return new Entry(
                                    client,
                                    r.textOf("NewInternalPort"),
                                    Foreign.number(
                                            r.textOf("NewLeaseDuration"), Integer.MAX_VALUE));
                        });
    }

    boolean leadsTo(InetSocketAddress internal) {
        return Foreign.number(port, 65535) == internal.getPort()
                && Literals.parse(client)
                        .filter(a -> Literals.same(a, internal.getAddress()))
                        .isPresent();
    }

    String shown() {
        return Foreign.text(client, 40) + ":" + Foreign.text(port, 5);
    }
}
