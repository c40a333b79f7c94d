// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import dev.karst.KarstException;
import dev.karst.spi.Scope;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Where one service of a gateway is controlled: what gateways and leases carry as their state.
 *
 * @param gateway the address that answered
 * @param interfaceName by which it is reached
 * @param uuid of the device that answered, empty if it did not tell
 * @param boot BOOTID.UPNP.ORG, which grows with each restart; empty if it did not tell
 */
record Control(
        HttpUrl url,
        ServiceKind kind,
        InetAddress gateway,
        String interfaceName,
        String uuid,
        String boot) {
    Map<String, String> state() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("control", url.toString());
        out.put("service", kind.type());
        out.put("gateway", IpAddresses.text(gateway));
        out.put("interface", interfaceName);
        if (!uuid.isEmpty()) {
            out.put("uuid", uuid);
        }
        if (!boot.isEmpty()) {
            out.put("boot", boot);
        }
        return out;
    }

    /**
     * Of the state of a gateway or lease.
     *
     * @throws UpnpFailure if it is not ours
     */
    static Control of(Map<String, String> state) {
        try {
            return new Control(
                    HttpUrl.parse(state.getOrDefault("control", "")),
                    ServiceKind.named(state.getOrDefault("service", "")).orElseThrow(),
                    Literals.parse(state.getOrDefault("gateway", "")).orElseThrow(),
                    state.getOrDefault("interface", ""),
                    state.getOrDefault("uuid", ""),
                    state.getOrDefault("boot", ""));
        } catch (RuntimeException e) {
            throw UpnpFailure.garbage("the stored state is not one of this port mapper");
        }
    }

    /**
     * Asks the service to do something.
     *
     * @param local the address to speak from
     * @param arguments name and value by turns
     * @return the result's arguments; fails with {@link UpnpFailure}, also with a {@link
     *     KarstException} never
     */
    CompletionStage<Element> call(
            String action, InetAddress local, Scope scope, String... arguments) {
        byte[] xml = Soap.request(kind, action, arguments);
        return new Http(local, interfaceName, scope)
                .post(url, kind.urn() + "#" + action, xml)
                .thenApplyAsync(reply -> Soap.result(action, reply), scope.executor());
    }
}
