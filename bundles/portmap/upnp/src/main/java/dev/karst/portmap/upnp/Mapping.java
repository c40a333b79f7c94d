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
 * One attempt to get an IPv4 mapping, around what routers are known to do: permanent mappings only
 * (725, or 402 for any lease), the same port inside and outside only (724), a port that is taken
 * (718, 729), by an older mapping of ours too, and success that was none. What was granted is asked
 * back.
 */
final class Mapping {
    /** The most that WANIPConnection:2 section 2.3.18 allows. */
    private static final long LONGEST = Duration.ofDays(7).toSeconds();

    private static final int TRIES = 6;
    private static final String LABEL = "karst";
    static final String PERMANENT = "permanent";

    private final PortRequest request;
    private final Control control;
    private final Scope scope;
    private final InetAddress local;
    private final String protocol;

    // one step at a time, each after the one before
    private int port;
    private long lease;
    private int tries;
    private boolean takenOver;
    private boolean anyAsked;
    private boolean samePort;

    private Mapping(PortRequest request, Control control, boolean permanent, Scope scope) {
        this.request = request;
        this.control = control;
        this.scope = scope;
        local = request.internal().getAddress();
        protocol = request.protocol().name();
        port = request.suggestedPort();
        lease = permanent ? 0 : Math.min(LONGEST, Math.max(0, request.lifetime().toSeconds()));
    }

    /**
     * @param permanent whether this gateway is known to have no other mappings
     */
    static CompletionStage<PortLease> acquire(
            PortRequest request, Control control, boolean permanent, Scope scope) {
        return new Mapping(request, control, permanent, scope).add();
    }

    /** Completes as well when the gateway does not have it. */
    static CompletionStage<Void> release(PortLease lease, Control control, Scope scope) {
        return ours(lease, control, scope)
                .thenCompose(
                        ours ->
                                ours
                                        ? delete(lease, control, scope)
                                        : CompletableFuture.completedFuture(null));
    }

    /** Whether a mapping leads to us, as far as the gateway tells: another's is not deleted. */
    private static CompletionStage<Boolean> ours(PortLease lease, Control control, Scope scope) {
        InetAddress local = lease.internal().getAddress();
        String protocol = lease.protocol().name();
        return Entry.ask(control, local, lease.externalPort(), protocol, scope)
                .handle(
                        (entry, e) -> {
                            if (e == null) {
                                return entry.leadsTo(lease.internal());
                            }
                            if (UpnpFailure.of(e).gone()) {
                                throw UpnpFailure.of(e);
                            }
                            return true; // some have it, and cannot tell
                        });
    }

    private static CompletionStage<Void> delete(PortLease lease, Control control, Scope scope) {
        return delete(
                        control,
                        lease.internal().getAddress(),
                        lease.externalPort(),
                        lease.protocol().name(),
                        scope)
                .handle(
                        (ok, e) -> {
                            if (e != null
                                    && UpnpFailure.of(e).error() != ErrorCodes.NO_SUCH_ENTRY) {
                                throw UpnpFailure.of(e);
                            }
                            return null;
                        });
    }

    private static CompletionStage<Element> delete(
            Control control, InetAddress local, int port, String protocol, Scope scope) {
        return control.call(
                "DeletePortMapping",
                local,
                scope,
                "NewRemoteHost",
                "",
                "NewExternalPort",
                String.valueOf(port),
                "NewProtocol",
                protocol);
    }

    private CompletionStage<PortLease> add() {
        return ask("AddPortMapping")
                .handle((r, e) -> e == null ? verify() : refused(UpnpFailure.of(e)))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<Element> ask(String action) {
        tries++;
        return control.call(
                action,
                local,
                scope,
                "NewRemoteHost",
                "",
                "NewExternalPort",
                String.valueOf(port),
                "NewProtocol",
                protocol,
                "NewInternalPort",
                String.valueOf(request.internal().getPort()),
                "NewInternalClient",
                IpAddresses.text(local),
                "NewEnabled",
                "1",
                "NewPortMappingDescription",
                LABEL + " " + protocol + " " + request.internal().getPort(),
                "NewLeaseDuration",
                String.valueOf(lease));
    }

    private CompletionStage<PortLease> refused(UpnpFailure e) {
        if (tries >= TRIES) {
            return CompletableFuture.failedFuture(e);
        }
        switch (e.error()) {
            case ErrorCodes.PERMANENT_ONLY, ErrorCodes.INVALID_ARGS -> {
                if (lease > 0) {
                    lease = 0;
                    return add();
                }
            }
            case ErrorCodes.SAME_PORTS_ONLY -> {
                if (!samePort) {
                    samePort = true;
                    port = request.internal().getPort();
                    return add();
                }
            }
            case ErrorCodes.CONFLICT -> {
                return conflict(e);
            }
            case ErrorCodes.CONFLICT_WITH_OTHERS -> {
                return elsewhere(e);
            }
            default -> {}
        }
        return CompletableFuture.failedFuture(e);
    }

    /** The port is taken: by ourselves, before a crash, or by somebody else. */
    private CompletionStage<PortLease> conflict(UpnpFailure e) {
        if (takenOver) {
            return elsewhere(e);
        }
        return Entry.ask(control, local, port, protocol, scope)
                .handle((entry, unknown) -> entry != null && entry.leadsTo(request.internal()))
                .thenCompose(
                        ours -> {
                            if (!ours) {
                                return elsewhere(e);
                            }
                            takenOver = true;
                            return delete(control, local, port, protocol, scope)
                                    .handle((ok, ignored) -> add())
                                    .thenCompose(stage -> stage);
                        });
    }

    /** Another port: the gateway's choice where it can choose, else by chance. */
    private CompletionStage<PortLease> elsewhere(UpnpFailure e) {
        if (tries >= TRIES || samePort) {
            return CompletableFuture.failedFuture(e);
        }
        if (control.kind().version() < 2 || anyAsked) {
            port = 20_000 + scope.random().nextInt(40_000);
            return add();
        }
        anyAsked = true;
        return ask("AddAnyPortMapping")
                .handle(
                        (r, error) -> {
                            if (error != null) {
                                return elsewhere(UpnpFailure.of(error));
                            }
                            long reserved = Foreign.number(r.textOf("NewReservedPort"), 65535);
                            if (reserved < 1) {
                                return elsewhere(e);
                            }
                            port = (int) reserved;
                            return verify();
                        })
                .thenCompose(stage -> stage);
    }

    /** It said yes. What did it do? */
    private CompletionStage<PortLease> verify() {
        CompletionStage<Optional<InetAddress>> external = Survey.external(control, local, scope);
        return Entry.ask(control, local, port, protocol, scope)
                .handle(
                        (entry, e) -> {
                            if (entry == null) {
                                scope.count("portmap.upnp.unverified");
                                return granted(lease, external);
                            }
                            if (!entry.leadsTo(request.internal())) {
                                scope.count("portmap.upnp.lied");
                                return elsewhere(
                                        UpnpFailure.garbage(
                                                "the gateway said yes, but its mapping leads to "
                                                        + entry.shown()));
                            }
                            long told = entry.lease();
                            // More than was asked for is no harm, and not to be relied on.
                            return granted(
                                    told < 0 || told > lease && lease > 0 ? lease : told, external);
                        })
                .thenCompose(stage -> stage);
    }

    private CompletionStage<PortLease> granted(
            long seconds, CompletionStage<Optional<InetAddress>> external) {
        Map<String, String> state = new HashMap<>(control.state());
        if (seconds == 0) {
            state.put(PERMANENT, "true");
        }
        return external.thenApply(
                address ->
                        new PortLease(
                                request.protocol(),
                                request.internal(),
                                port,
                                address,
                                Duration.ofSeconds(seconds),
                                state));
    }
}
