// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.KarstException;
import dev.karst.Subscription;
import dev.karst.lib.stun.turn.TurnFailure;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.relay.RelaySocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks all relays at once, over UDP; over TCP and TLS as soon as UDP failed, or was silent for a
 * while. The first address wins, the others are given back. Its steps run on the scope's executor.
 */
final class Reservation {
    private static final Duration UDP_FIRST = Duration.ofMillis(100);

    /** A relay that knows our port from before gets another one, so often. */
    private static final int PORTS = 3;

    private final List<TurnUrl> urls;
    private final Account account;
    private final TlsOptions tls;
    private final RelayProvider.Family family;
    private final Scope scope;
    private final CompletableFuture<RelaySocket> result = new CompletableFuture<>();
    private final List<TurnUrl> waiting = new ArrayList<>();
    private final List<RelayLink> open = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private int asked;
    private boolean refused;
    private boolean quota;
    private boolean over;
    private Subscription cancel = () -> {};

    Reservation(
            List<TurnUrl> urls,
            Account account,
            TlsOptions tls,
            RelayProvider.Family family,
            Scope scope) {
        this.urls = urls;
        this.account = account;
        this.tls = tls;
        this.family = family;
        this.scope = scope;
    }

    CompletionStage<RelaySocket> begin() {
        cancel = scope.onCancel(this::cancelled);
        scope.executor().execute(this::first);
        return result.minimalCompletionStage();
    }

    private synchronized void cancelled() {
        over = true;
        result.completeExceptionally(
                new KarstException(KarstException.Code.CLOSED, "the reservation was cancelled"));
        // What was reserved gives itself back; so do those that lost.
    }

    private synchronized void first() {
        if (over) {
            return;
        }
        List<TurnUrl> now = new ArrayList<>();
        for (TurnUrl u : urls) {
            (u.over() == TurnUrl.Over.UDP ? now : waiting).add(u);
        }
        if (now.isEmpty()) {
            now.addAll(waiting);
            waiting.clear();
        } else if (!waiting.isEmpty()) {
            scope.after(UDP_FIRST, this::second);
        }
        now.forEach(this::ask);
    }

    private synchronized void second() {
        if (!over && open.stream().noneMatch(RelayLink::answered)) {
            List<TurnUrl> now = List.copyOf(waiting);
            waiting.clear();
            now.forEach(this::ask);
        }
    }

    private void ask(TurnUrl url) {
        asked++;
        scope.network()
                .resolve(url.host())
                .whenComplete((all, e) -> scope.executor().execute(() -> resolved(url, all, e)));
    }

    private synchronized void resolved(TurnUrl url, List<InetAddress> all, Throwable e) {
        if (over) {
            return;
        }
        if (e != null) {
            failed(url + ": the name cannot be resolved");
            return;
        }
        InetAddress four = null;
        InetAddress six = null;
        for (InetAddress a : all) {
            four = four == null && a instanceof Inet4Address ? a : four;
            six = six == null && !(a instanceof Inet4Address) ? a : six;
        }
        asked += (four != null && six != null) ? 1 : 0;
        if (four != null) {
            open(url, four, PORTS);
        }
        if (six != null) {
            open(url, six, PORTS);
        }
    }

    private void open(TurnUrl url, InetAddress at, int ports) {
        RelayLink link =
                new RelayLink(
                        scope,
                        url,
                        new InetSocketAddress(at, url.port()),
                        account.credential(scope.clock()),
                        family == RelayProvider.Family.IPV4,
                        tls);
        open.add(link);
        link.open(
                new RelayLink.Told() {
                    @Override
                    public void reserved() {
                        scope.executor().execute(() -> won(link));
                    }

                    @Override
                    public void failed(TurnFailure why) {
                        scope.executor().execute(() -> lost(link, url, at, why, ports));
                    }
                });
    }

    private void won(RelayLink link) {
        List<RelayLink> losers;
        synchronized (this) {
            if (over) {
                link.close();
                return;
            }
            over = true;
            open.remove(link);
            losers = List.copyOf(open);
            open.clear();
        }
        losers.forEach(RelayLink::close);
        cancel.close();
        if (!result.complete(link)) {
            link.close();
        }
    }

    private synchronized void lost(
            RelayLink link, TurnUrl url, InetAddress at, TurnFailure why, int ports) {
        open.remove(link);
        if (over) {
            return;
        }
        if (why.mismatch() && ports > 1) {
            open(url, at, ports - 1);
            return;
        }
        refused |= why.code() == 401 || why.code() == 403;
        quota |= why.code() == 486 || why.code() == 508;
        failed(url + ": " + why.text());
    }

    private void failed(String why) {
        failures.add(why);
        if (--asked > 0) {
            return;
        }
        if (!waiting.isEmpty()) {
            second();
            return;
        }
        over = true;
        cancel.close();
        KarstException.Code code =
                refused
                        ? KarstException.Code.NOT_PERMITTED
                        : quota ? KarstException.Code.LIMIT : KarstException.Code.UNREACHABLE;
        result.completeExceptionally(
                new KarstException(code, "no relay: " + String.join("; ", failures)));
    }
}
