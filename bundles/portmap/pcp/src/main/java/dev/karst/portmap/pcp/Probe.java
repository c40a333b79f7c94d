// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Subscription;
import dev.karst.lib.portmap.Exchange;
import dev.karst.lib.portmap.GatewayAddress;
import dev.karst.lib.portmap.Patience;
import dev.karst.lib.portmap.Tuning;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Looks for a server: asks the router, and where that is not known or silent for a while, the
 * anycast address too. What answers first is it; what refuses ends the search, since it is there.
 */
final class Probe {
    static final String INTERFACE = "interface";
    static final String LOCAL = "local";

    /** At most half of the patience with a router: both give up at the same time. */
    private static final Duration HEAD_START = Duration.ofMillis(750);

    private static final Patience SECOND = Patience.of(250, 500, 1250);

    private final Network.Gateway route;
    private final Scope scope;
    private final Tuning tuning;
    private final InetAddress anycast;
    private final CompletableFuture<List<PortGateway>> result = new CompletableFuture<>();
    private final List<String> reasons = new ArrayList<>(); // guarded by this
    private int open; // guarded by this
    private boolean second; // guarded by this

    Probe(Network.Gateway route, Scope scope, Tuning tuning, Anycast anycast) {
        this.route = route;
        this.scope = scope;
        this.tuning = tuning;
        this.anycast = anycast.of(route.local() instanceof Inet6Address);
    }

    CompletableFuture<List<PortGateway>> begin() {
        Optional<InetAddress> router = route.router();
        if (router.isEmpty()) {
            second = true;
            open = 1;
            ask(GatewayAddress.text(anycast, route.name()), Patience.PROBE);
            return result;
        }
        open = 1;
        Subscription timer = scope.after(HEAD_START, this::second);
        result.whenComplete((r, e) -> timer.close());
        ask(GatewayAddress.text(router.get(), route.name()), Patience.PROBE);
        return result;
    }

    private void second() {
        synchronized (this) {
            if (second || result.isDone()) {
                return;
            }
            second = true;
            open++;
        }
        ask(GatewayAddress.text(anycast, route.name()), SECOND);
    }

    private void ask(String text, Patience patience) {
        GatewayAddress.parse(text, scope)
                .thenCompose(
                        server -> {
                            CompletableFuture<Message> question = ask(server, patience);
                            result.whenComplete((r, e) -> question.cancel(false));
                            return question;
                        })
                .whenComplete((m, e) -> answered(text, m, e));
    }

    private CompletableFuture<Message> ask(InetAddress server, Patience patience) {
        Message announce = Message.announce(route.local());
        return Exchange.ask(
                scope,
                new Exchange.Ask(
                        Reader.NAME,
                        route.local(),
                        new InetSocketAddress(server, tuning.port()),
                        announce.encode(),
                        patience),
                new Reader(scope, announce, Exchange.text(server))::answer);
    }

    private void answered(String text, Message m, Throwable e) {
        if (e != null) {
            failed(PcpMapper.cause(e));
        } else if (speaks(m.result())) {
            Map<String, String> state =
                    Map.of(
                            GatewayAddress.KEY,
                            text,
                            INTERFACE,
                            route.name(),
                            LOCAL,
                            route.local().getHostAddress());
            result.complete(List.of(new PortGateway(text, Optional.empty(), state)));
        } else {
            result.completeExceptionally(Result.of(m, text));
        }
    }

    /** Servers need not know ANNOUNCE to know MAP. */
    private static boolean speaks(int r) {
        return r == Result.SUCCESS
                || r == Result.UNSUPPORTED_OPCODE
                || r == Result.MALFORMED_REQUEST;
    }

    private void failed(KarstException e) {
        boolean silent = e.code() == Code.TIMEOUT || e.code() == Code.UNREACHABLE;
        if (silent) {
            second(); // if there is time left for that
        }
        boolean last;
        synchronized (this) {
            reasons.add(e.getMessage());
            last = --open == 0;
        }
        if (!silent) {
            result.completeExceptionally(e);
        } else if (last) {
            String why = String.join("; ", reasons);
            result.completeExceptionally(new KarstException(e.code(), why));
        }
    }
}
