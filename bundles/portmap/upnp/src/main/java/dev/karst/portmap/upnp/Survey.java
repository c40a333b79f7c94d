// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks the services of one device how they are, and takes the best. */
final class Survey {
    private Survey() {}

    static CompletionStage<Found> of(
            Description description,
            SsdpMessage message,
            InetAddress from,
            Network.Gateway route,
            Neighbours neighbours,
            Scope scope) {
        List<CompletableFuture<Found>> asked = new ArrayList<>();
        for (Description.Offer offer : description.services()) {
            Control control =
                    new Control(
                            offer.control(),
                            offer.kind(),
                            from,
                            route.name(),
                            message.uuid(),
                            message.boot());
            boolean router = neighbours.isRouter(from);
            asked.add(
                    (offer.kind().firewall()
                                    ? firewall(description.model(), control, router, route, scope)
                                    : connection(
                                            description.model(), control, router, route, scope))
                            .toCompletableFuture());
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .handle((all, e) -> best(asked));
    }

    private static Found best(List<CompletableFuture<Found>> asked) {
        return asked.stream()
                .filter(f -> !f.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .min(Found.BEST_FIRST)
                .orElseThrow(() -> failure(asked));
    }

    private static UpnpFailure failure(List<CompletableFuture<Found>> asked) {
        return asked.get(0).handle((found, e) -> UpnpFailure.of(e)).join();
    }

    /** A service that cannot tell its address may still map ports. */
    private static CompletionStage<Found> connection(
            String model, Control control, boolean router, Network.Gateway route, Scope scope) {
        CompletionStage<Optional<InetAddress>> external = external(control, route.local(), scope);
        CompletionStage<Boolean> connected =
                control.call("GetStatusInfo", route.local(), scope)
                        .thenApply(
                                r -> r.textOf("NewConnectionStatus").equalsIgnoreCase("Connected"))
                        .exceptionally(e -> silent(e));
        return external.thenCombine(
                connected, (address, up) -> new Found(model, control, router, up, address));
    }

    /** Whoever says anything at all may still map ports; whoever says nothing is of no use. */
    private static boolean silent(Throwable e) {
        if (UpnpFailure.of(e).gone()) {
            throw UpnpFailure.of(e);
        }
        return false;
    }

    /** The gateway's external address, if it tells one. */
    static CompletionStage<Optional<InetAddress>> external(
            Control control, InetAddress local, Scope scope) {
        return control.call("GetExternalIPAddress", local, scope)
                .handle(
                        (r, e) ->
                                r == null
                                        ? Optional.empty()
                                        : Literals.parse(r.textOf("NewExternalIPAddress")));
    }

    private static CompletionStage<Found> firewall(
            String model, Control control, boolean router, Network.Gateway route, Scope scope) {
        return control.call("GetFirewallStatus", route.local(), scope)
                .thenApply(
                        r -> {
                            boolean on = !isFalse(r.textOf("FirewallEnabled"));
                            if (on && isFalse(r.textOf("InboundPinholeAllowed"))) {
                                throw UpnpFailure.refused(703, "");
                            }
                            return new Found(model, control, router, true, Optional.empty());
                        });
    }

    private static boolean isFalse(String text) {
        return text.equals("0") || text.equalsIgnoreCase("false") || text.equalsIgnoreCase("no");
    }
}
