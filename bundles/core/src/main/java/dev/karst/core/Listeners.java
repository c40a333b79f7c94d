// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Endpoint;
import dev.karst.NodeEvent;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.spi.net.Network.InterfaceAddress;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathAcceptor;
import dev.karst.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps each configured endpoint listening, by whichever transport serves its scheme now. A port
 * that was picked is asked for again, so that a replaced transport is found where the old one was.
 */
final class Listeners {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(3);

    /** One configured endpoint and who listens there now. */
    private static final class Slot {
        final Endpoint wanted;
        int port;
        ProviderHandle<Transport> by;
        CoreScope scope;
        Listening listening; // the provider's: let go of when it leaves
        Endpoint bound;
        boolean trying;
        boolean told;
        boolean dropped;

        Slot(Endpoint wanted) {
            this.wanted = wanted;
            this.port = wanted.port();
        }
    }

    private final World world;
    private final ProviderRegistry registry;
    private final SessionTable sessions;
    private final EventBus events;
    private final Runnable changed;
    private final List<Slot> slots = new ArrayList<>(); // guarded by this
    private boolean closed;

    Listeners(
            World world,
            ProviderRegistry registry,
            SessionTable sessions,
            EventBus events,
            List<Endpoint> wanted,
            Runnable changed) {
        this.world = world;
        this.registry = registry;
        this.sessions = sessions;
        this.events = events;
        this.changed = changed;
        wanted.forEach(e -> slots.add(new Slot(e)));
    }

    /** From now on at these; where it listens already it goes on, and accepted paths stay. */
    void want(List<Endpoint> wanted) {
        synchronized (this) {
            List<Endpoint> missing = new ArrayList<>(wanted);
            for (Slot s : List.copyOf(slots)) {
                if (!missing.remove(s.wanted)) {
                    slots.remove(s);
                    s.dropped = true;
                    if (s.by != null) {
                        stop(s);
                    }
                }
            }
            missing.forEach(e -> slots.add(new Slot(e)));
        }
        update();
        changed.run();
    }

    /** Lets each endpoint be served by a usable transport. Called whenever transports change. */
    void update() {
        boolean news = false;
        synchronized (this) {
            for (Slot s : slots) {
                if (s.by != null && !s.by.usable()) {
                    stop(s);
                    news = true;
                }
                if (s.by == null && !s.trying && !closed) {
                    open(s);
                }
            }
        }
        if (news) {
            changed.run();
        }
    }

    /** Stops listening; accepted paths and the scope that owns their sockets stay. */
    private static void stop(Slot s) {
        ProviderHandle<Transport> by = s.by;
        Listening l = s.listening;
        s.by = null;
        s.listening = null;
        s.bound = null;
        if (by.isGone()) {
            return; // its scopes, and so its sockets, ended with it
        }
        try {
            l.close();
        } catch (Throwable e) {
            by.crashed("close", e);
        }
    }

    private void open(Slot s) {
        ProviderHandle<Transport> handle = null;
        for (ProviderHandle<Transport> h : registry.usable(Transport.class)) {
            if (h.serves(s.wanted.scheme())) {
                handle = h;
                break;
            }
        }
        if (handle == null) {
            return;
        }
        ProviderHandle<Transport> by = handle;
        CoreScope scope = by.scope(null);
        Endpoint at = Endpoint.of(s.wanted.scheme(), s.wanted.host(), s.port);
        s.trying = true;
        PathAcceptor acceptor = path -> accepted(by, path);
        by.<Listening>call("listen", scope, LIMIT, (t, sc) -> t.listen(at, acceptor, sc))
                .whenComplete((l, e) -> opened(s, by, scope, l, e));
    }

    private void accepted(ProviderHandle<Transport> by, Path path) {
        sessions.accept(path, by, by.scope(null));
    }

    private void opened(
            Slot s, ProviderHandle<Transport> by, CoreScope scope, Listening l, Throwable e) {
        synchronized (this) {
            s.trying = false;
            if (e == null && by.usable() && !closed && !s.dropped) {
                s.by = by;
                s.scope = scope;
                s.listening = l;
                s.bound = l.endpoint();
                s.port = s.bound.port();
                s.told = false;
            } else {
                scope.cancel();
                if (closed || s.dropped) {
                    return;
                }
                if (e != null && !s.told) {
                    s.told = true;
                    events.publish(
                            new NodeEvent.Trouble(
                                    "cannot listen at " + s.wanted + ": " + e.getMessage(),
                                    "trying again every 3 s; free the port or set listen in PID"
                                            + " dev.karst.core"));
                }
                world.after(RETRY, this::update);
                return;
            }
        }
        changed.run();
    }

    /** Whether every configured endpoint with a transport listens, and at least one does. */
    synchronized boolean up() {
        boolean any = slots.isEmpty();
        for (Slot s : slots) {
            any |= s.bound != null;
        }
        return any;
    }

    /** Where others may reach this node: a wildcard address stands for each interface. */
    synchronized List<Endpoint> candidates() {
        List<Endpoint> out = new ArrayList<>();
        for (Slot s : slots) {
            if (s.bound == null) {
                continue;
            }
            if (!wildcard(s.bound)) {
                out.add(s.bound);
                continue;
            }
            List<InterfaceAddress> all = s.scope.network().interfaces();
            boolean lonely = all.stream().allMatch(a -> a.address().isLoopbackAddress());
            for (InterfaceAddress a : all) {
                if (lonely || !a.address().isLoopbackAddress()) {
                    out.add(
                            Endpoint.of(
                                    s.bound.scheme(),
                                    new InetSocketAddress(a.address(), s.bound.port())));
                }
            }
        }
        return out;
    }

    private static boolean wildcard(Endpoint e) {
        return e.literal().filter(InetAddress::isAnyLocalAddress).isPresent();
    }

    void close() {
        synchronized (this) {
            closed = true;
            for (Slot s : slots) {
                if (s.scope != null) {
                    s.scope.cancel();
                }
            }
        }
    }
}
