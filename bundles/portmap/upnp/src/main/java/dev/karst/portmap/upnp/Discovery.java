// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One search for the gateways of one route: asks at once and again after {@link #REPEATS}, follows
 * up to {@value #MOST} answers, and is done {@link #OTHERS} after the first gateway was understood
 * ({@link #SLOW_OTHERS} more if others were heard, but not yet understood), or without any after
 * {@link #LIMIT}.
 */
final class Discovery {
    static final List<Duration> REPEATS = List.of(Duration.ofMillis(300), Duration.ofSeconds(1));
    static final Duration LIMIT = Duration.ofSeconds(3);
    static final Duration OTHERS = Duration.ofMillis(50);
    static final Duration SLOW_OTHERS = Duration.ofMillis(250);

    private static final int MOST = 8;
    private static final Duration AT_LAST = Duration.ofSeconds(12);

    private final Network.Gateway route;
    private final SearchPlan plan;
    private final Scope scope;
    private final boolean firewall;
    private final Neighbours neighbours;
    private final CompletableFuture<List<Found>> result;

    // guarded by this
    private final Set<HttpUrl> followed = new HashSet<>();
    private final List<Found> found = new ArrayList<>();
    private int pending;
    private boolean windowUp;
    private boolean timeUp;
    private String failure = "";

    private Discovery(Network.Gateway route, SearchPlan plan, Scope scope) {
        this.route = route;
        this.plan = plan;
        this.scope = scope;
        firewall = route.local().getAddress().length == 16;
        neighbours = Neighbours.of(route, scope.network());
        result = Pending.in(scope, AT_LAST, "the gateway is too slow");
    }

    /** Gateways, best first; never empty. */
    static CompletionStage<List<Found>> run(Network.Gateway route, SearchPlan plan, Scope scope) {
        Discovery d = new Discovery(route, plan, scope);
        if (d.result.isDone()) {
            return d.result; // the scope is over: nothing is sent
        }
        scope.network()
                .bindUdp(new InetSocketAddress(route.local(), 0))
                .whenComplete(
                        (socket, e) -> {
                            if (e != null) {
                                d.result.completeExceptionally(UpnpFailure.of(e));
                            } else {
                                d.start(socket);
                            }
                        });
        return d.result;
    }

    private void start(UdpSocket socket) {
        result.whenComplete((list, e) -> socket.close());
        if (result.isDone()) {
            return;
        }
        socket.start(this::datagram);
        Http zones = new Http(route.local(), route.name(), scope);
        for (InetSocketAddress to : plan.destinations(route)) {
            boolean group = to.getAddress().isMulticastAddress();
            zones.zoned(to.getAddress())
                    .thenAccept(a -> ask(socket, new InetSocketAddress(a, to.getPort()), group));
        }
        scope.after(LIMIT, this::timeUp);
    }

    private void ask(UdpSocket socket, InetSocketAddress to, boolean group) {
        Runnable round =
                () -> {
                    if (!result.isDone() && !understood()) {
                        String host = IpAddresses.text(to);
                        for (String target : SearchPlan.targets(firewall)) {
                            socket.send(
                                    to, ByteBuffer.wrap(SsdpMessage.search(host, target, group)));
                        }
                    }
                };
        round.run();
        REPEATS.forEach(delay -> scope.after(delay, round));
    }

    private synchronized boolean understood() {
        return !found.isEmpty();
    }

    private void datagram(InetSocketAddress from, ByteBuffer bytes) {
        SsdpMessage message = SsdpMessage.parse(bytes).orElse(null);
        if (message == null || !message.answer()) {
            scope.count("portmap.upnp.bad-ssdp");
            return;
        }
        if (!asked(message, from.getAddress())) {
            return;
        }
        if (!neighbours.gateway(from.getAddress())) {
            scope.count("portmap.upnp.foreign");
            return;
        }
        HttpUrl location;
        try {
            location =
                    neighbours.check(from.getAddress(), HttpUrl.parse(message.header("location")));
        } catch (UpnpFailure e) {
            scope.count("portmap.upnp.refused-url");
            failed(e);
            return;
        }
        synchronized (this) {
            if (windowUp || followed.size() == MOST || !followed.add(location)) {
                return;
            }
            pending++;
        }
        follow(message, from.getAddress(), location);
    }

    /** Any device answers to "root device": for that, only the router itself is asked further. */
    private boolean asked(SsdpMessage message, InetAddress from) {
        String target = message.header("st");
        if (target.equalsIgnoreCase(SearchPlan.ROOT)) {
            return route.router().isEmpty() || neighbours.isRouter(from);
        }
        // some answer with the version they have instead of the one they were asked for
        return SearchPlan.targets(firewall).stream()
                .map(t -> t.substring(0, t.length() - 1))
                .anyMatch(t -> target.regionMatches(true, 0, t, 0, t.length()));
    }

    private void follow(SsdpMessage message, InetAddress from, HttpUrl location) {
        new Http(route.local(), route.name(), scope)
                .get(location)
                .thenApplyAsync(reply -> describe(reply, location, from), scope.executor())
                .thenCompose(
                        description ->
                                Survey.of(description, message, from, route, neighbours, scope))
                .whenComplete(
                        (gateway, e) -> {
                            if (e != null) {
                                failed(UpnpFailure.of(e));
                            }
                            followed(gateway);
                        });
    }

    private Description describe(HttpReply reply, HttpUrl location, InetAddress from) {
        if (reply.status() != 200) {
            throw UpnpFailure.garbage(
                    location.authority()
                            + " answered with HTTP status "
                            + reply.status()
                            + " instead of its description");
        }
        return Description.read(
                Xml.parse(reply.body()), location, from, firewall, neighbours, scope::count);
    }

    private synchronized void failed(UpnpFailure e) {
        failure = e.getMessage();
    }

    private void followed(Found gateway) {
        boolean first;
        boolean last;
        synchronized (this) {
            pending--;
            first = gateway != null && found.isEmpty();
            if (gateway != null) {
                found.add(gateway);
            }
            last = pending == 0 && (timeUp || windowUp);
        }
        if (first) {
            scope.after(OTHERS, this::windowUp);
        } else if (last) {
            finish();
        }
    }

    private void windowUp() {
        synchronized (this) {
            windowUp = true;
            if (pending > 0) {
                scope.after(SLOW_OTHERS, this::finish);
                return;
            }
        }
        finish();
    }

    private void timeUp() {
        synchronized (this) {
            timeUp = true;
            if (pending > 0 || !found.isEmpty()) {
                return; // its end is near
            }
        }
        finish();
    }

    private void finish() {
        List<Found> sorted;
        String why;
        synchronized (this) {
            sorted = new ArrayList<>(found);
            why = failure;
        }
        if (!sorted.isEmpty()) {
            sorted.sort(Found.BEST_FIRST);
            result.complete(List.copyOf(sorted));
            return;
        }
        String whom = route.router().map(IpAddresses::text).map(r -> " (" + r + ")").orElse("");
        result.completeExceptionally(
                why.isEmpty()
                        ? UpnpFailure.late(
                                "no gateway answered in "
                                        + LIMIT.toSeconds()
                                        + " s"
                                        + whom
                                        + "; UPnP may be off in the router")
                        : UpnpFailure.forbidden("no gateway is of use: " + why));
    }
}
