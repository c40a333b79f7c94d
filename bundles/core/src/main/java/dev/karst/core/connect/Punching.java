// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.Counters;
import dev.karst.core.udp.Flow;
import dev.karst.core.udp.SharedSocket;
import dev.karst.core.world.CoreScope;
import dev.karst.spi.relay.RelayProvider.Family;
import dev.karst.spi.traversal.PunchSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The UDP side of one attempt: its views of the shared sockets and of a relay, and sockets of its
 * own. All end with it, but for the flows that became paths.
 */
final class Punching {
    private static final int OWN_SOCKETS = 1024;

    private final Sockets sockets;
    private final String user;
    private final CoreScope scope;
    private final Counters counters;
    private final List<Punch> views = new ArrayList<>(); // guarded by this, like the rest
    private final Map<Flow, Punch> flows = new LinkedHashMap<>();
    private List<PunchSocket> shared;
    private int own;
    private InetAddress spread;
    private boolean over;

    Punching(Sockets sockets, String user, CoreScope scope, Counters counters) {
        this.sockets = sockets;
        this.user = user;
        this.scope = scope;
        this.counters = counters;
    }

    /**
     * @throws KarstException LIMIT where another strategy of the attempt has them: both sides know
     *     the attempt by one user name, so answers could not be told apart
     */
    synchronized List<PunchSocket> shared() {
        if (shared == null) {
            List<PunchSocket> out = new ArrayList<>();
            for (SharedSocket s : over ? List.<SharedSocket>of() : sockets.shared()) {
                try {
                    out.add(
                            add(
                                    new Punch(
                                            s,
                                            user,
                                            new Punch.Outside(
                                                    sockets.mapped(s.local()),
                                                    sockets.forwarded(s.local())))));
                } catch (IllegalStateException e) {
                    out.forEach(PunchSocket::close);
                    views.removeAll(out);
                    throw new KarstException(
                            Code.LIMIT, "another strategy of this attempt uses the UDP sockets");
                }
            }
            shared = List.copyOf(out);
        }
        return shared;
    }

    /** Sockets of the attempt's own may try many ports of that address. */
    synchronized void spread(InetAddress seen) {
        spread = seen;
    }

    private <P extends Punch> P add(P p) {
        views.add(p);
        return p;
    }

    CompletionStage<PunchSocket> bind(InetSocketAddress local) {
        synchronized (this) {
            if (over || ++own > OWN_SOCKETS) {
                return CompletableFuture.failedFuture(
                        new KarstException(
                                Code.CLOSED,
                                over
                                        ? "the attempt is over"
                                        : "an attempt has at most " + OWN_SOCKETS + " sockets"));
            }
        }
        return scope.network()
                .bindUdp(local)
                .thenApply(
                        socket -> {
                            SharedSocket s = sockets.share(socket);
                            synchronized (this) {
                                s.spread(spread);
                                OwnPunch p = add(new OwnPunch(s, socket, user));
                                if (over) { // it ended while the socket was bound
                                    p.close();
                                    throw new CompletionException(
                                            new KarstException(Code.CLOSED, "the attempt is over"));
                                }
                                return p;
                            }
                        });
    }

    CompletionStage<RelayPunchSocket> relay(Family family) {
        return sockets.relays()
                .get(family)
                .thenApply(
                        r -> {
                            synchronized (this) {
                                if (over) {
                                    throw new CompletionException(
                                            new KarstException(Code.CLOSED, "the attempt is over"));
                                }
                                try {
                                    RelayPunch p = new RelayPunch(r, user);
                                    add(p);
                                    return p;
                                } catch (IllegalStateException e) {
                                    throw new KarstException(
                                            Code.LIMIT,
                                            "another strategy of this attempt uses the relay");
                                }
                            }
                        });
    }

    Flow flow(PunchSocket socket, InetSocketAddress remote) {
        synchronized (this) {
            if (over || !(socket instanceof Punch p) || !views.contains(p)) {
                throw new IllegalStateException("not a socket of this attempt, or it is over");
            }
            Flow f = p.flow(remote);
            flows.put(f, p);
            return f;
        }
    }

    /**
     * The flow becomes a path's: it no longer ends with the attempt, nor does the socket below.
     *
     * @return by what it goes; null if it is not a flow of this attempt
     */
    Punch take(Object flow, CoreScope path) {
        Punch p;
        synchronized (this) {
            p = over || !(flow instanceof Flow f) ? null : flows.remove(f);
        }
        if (p == null) {
            return null;
        }
        if (p instanceof OwnPunch o) {
            path.adopt(o.keep());
        }
        path.onCancel(((Flow) flow)::close);
        return p;
    }

    void end() {
        List<Punch> all;
        List<Flow> rest;
        synchronized (this) {
            over = true;
            all = new ArrayList<>(views);
            rest = new ArrayList<>(flows.keySet());
            views.clear();
            flows.clear();
        }
        rest.forEach(Flow::close);
        all.forEach(Punch::close);
    }
}
