// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import dev.karst.spi.Scope;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Pinholes in an IPv6 firewall (WANIPv6FirewallControl:1). A gateway opens one only to who asks
 * from the address that is to be reached.
 */
final class Pinhole {
    /** Section 2.5.5: one second to one day. */
    private static final long LONGEST = 86_400;

    private static final String ID = "pinhole";

    /** Instead of an id: the firewall is off, and nothing has to be opened or closed. */
    private static final String NONE = "none";

    private Pinhole() {}

    static CompletionStage<PortLease> acquire(PortRequest request, Control control, Scope scope) {
        long seconds = seconds(request);
        return control.call(
                        "AddPinhole",
                        request.internal().getAddress(),
                        scope,
                        "RemoteHost",
                        "",
                        "RemotePort",
                        "0",
                        "InternalClient",
                        IpAddresses.text(request.internal().getAddress()),
                        "InternalPort",
                        String.valueOf(request.internal().getPort()),
                        "Protocol",
                        request.protocol() == PortRequest.Protocol.TCP ? "6" : "17",
                        "LeaseTime",
                        String.valueOf(seconds))
                .handle(
                        (r, e) -> {
                            if (e == null) {
                                return lease(request, control, id(r), seconds);
                            }
                            UpnpFailure f = UpnpFailure.of(e);
                            if (f.error() == ErrorCodes.FIREWALL_DISABLED) {
                                return lease(request, control, NONE, seconds);
                            }
                            throw f;
                        });
    }

    private static String id(Element result) {
        long id = Foreign.number(result.textOf("UniqueID"), 0xffff_ffffL);
        if (id < 0) {
            throw UpnpFailure.garbage("the gateway gave no id for the pinhole");
        }
        return String.valueOf(id);
    }

    private static long seconds(PortRequest request) {
        long asked = request.lifetime().toSeconds();
        return asked <= 0 ? LONGEST : Math.min(LONGEST, asked);
    }

    private static PortLease lease(PortRequest request, Control control, String id, long seconds) {
        Map<String, String> state = new HashMap<>(control.state());
        state.put(ID, id);
        return new PortLease(
                request.protocol(),
                request.internal(),
                request.internal().getPort(),
                Optional.of(request.internal().getAddress()),
                Duration.ofSeconds(seconds),
                state);
    }

    /**
     * By asking for it again, which prolongs what is there (section 2.5.3) and says its id. Never
     * by UpdatePinhole: a gateway that restarted counts from one again, and our old id may be that
     * of another pinhole. What does not work is made anew.
     */
    static CompletionStage<PortLease> renew(
            PortLease lease, PortRequest request, Control control, Scope scope) {
        return acquire(request, control, scope)
                .thenCompose(
                        now -> {
                            String id = now.state().get(ID);
                            if (id.equals(NONE) || !id.equals(lease.state().get(ID))) {
                                return CompletableFuture.completedFuture(now);
                            }
                            return works(id, request.internal().getAddress(), control, scope)
                                    .thenCompose(
                                            works ->
                                                    works
                                                            ? CompletableFuture.completedFuture(now)
                                                            : anew(now, request, control, scope));
                        });
    }

    private static CompletionStage<PortLease> anew(
            PortLease lease, PortRequest request, Control control, Scope scope) {
        return release(lease, control, scope).thenCompose(v -> acquire(request, control, scope));
    }

    /** What does not tell, works. */
    private static CompletionStage<Boolean> works(
            String id, InetAddress local, Control control, Scope scope) {
        return control.call("CheckPinholeWorking", local, scope, "UniqueID", id)
                .handle((r, e) -> e != null || !r.textOf("IsWorking").matches("0|(?i)false|no"));
    }

    static CompletionStage<Void> release(PortLease lease, Control control, Scope scope) {
        String id = lease.state().getOrDefault(ID, NONE);
        if (id.equals(NONE)) {
            return CompletableFuture.completedFuture(null);
        }
        return control.call("DeletePinhole", lease.internal().getAddress(), scope, "UniqueID", id)
                .handle(
                        (r, e) -> {
                            if (e != null && !unknown(UpnpFailure.of(e))) {
                                throw UpnpFailure.of(e);
                            }
                            return null;
                        });
    }

    /** miniupnpd takes an id that it does not know for a wrong argument. */
    private static boolean unknown(UpnpFailure f) {
        return f.error() == ErrorCodes.NO_SUCH_PINHOLE || f.error() == ErrorCodes.INVALID_ARGS;
    }
}
