// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.ConnectReport;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.KeyCertificate;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.Limits;
import dev.karst.core.identity.Identity;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.Log;
import dev.karst.core.world.World;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** All sessions of the node by peer, and all links, proven or not. Thread-safe. */
public final class SessionTable implements LinkOwner {
    private static final int POOLED = 16;
    private final World world;
    private final SessionOwner owner;
    private final Identity identity;
    private final ProviderRegistry registry;
    private final Counters counters;
    private volatile Limits limits;
    private final Predicate<PeerId> admits;
    private final ReplayBudget nodeBudget;
    private final Map<PeerId, Session> sessions = new ConcurrentHashMap<>();

    /** In the order they came, so that a simulation goes the same way each time. */
    private final Set<Link> links = new CopyOnWriteArraySet<>();

    private final AtomicInteger pendingInbound = new AtomicInteger();
    private final ConcurrentLinkedQueue<Scratch> pool = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pooled = new AtomicInteger();
    private volatile boolean closed;
    private volatile Subscription ticker;

    public SessionTable(
            World world,
            SessionOwner owner,
            Identity identity,
            ProviderRegistry registry,
            Counters counters,
            Limits limits,
            Predicate<PeerId> admits) {
        this.world = world;
        this.owner = owner;
        this.identity = identity;
        this.registry = registry;
        this.counters = counters;
        this.limits = limits;
        this.admits = admits;
        this.nodeBudget = new ReplayBudget(limits.replayPerNode(), null);
        tick();
    }

    private void tick() {
        ticker =
                world.after(
                        Duration.ofSeconds(1),
                        () -> {
                            if (!closed) {
                                long now = world.nanoTime();
                                sessions.values().forEach(s -> s.tick(now));
                                trimPool();
                                tick();
                            }
                        });
    }

    public Optional<Session> find(PeerId peer) {
        return Optional.ofNullable(sessions.get(peer));
    }

    public List<Session> all() {
        return new ArrayList<>(sessions.values());
    }

    /**
     * Shakes hands on a path that an attempt found; its initiator begins, the other side waits.
     *
     * @return completes with the proven peer when its session has the path, or fails; to cancel it
     *     closes the path
     */
    public CompletableFuture<PeerId> prove(
            Path path, Origin origin, PeerId peer, KeyCertificate key) {
        Link link =
                new Link(this, path, origin, Optional.of(new LinkHandshake.Expected(peer, key)));
        links.add(link);
        CompletableFuture<PeerId> proven = link.handshake().first();
        proven.whenComplete(
                (p, e) -> {
                    if (e instanceof CancellationException) {
                        link.close("called off");
                    }
                });
        link.begin();
        return proven;
    }

    /** Takes an inbound path. */
    public void accept(Path path, ProviderHandle<Transport> transport, CoreScope scope) {
        if (closed || pendingInbound.get() >= limits.pendingHandshakes()) {
            counters.add("link.too-many-handshakes");
            path.close();
            world.after(Duration.ofSeconds(1), scope::cancel);
            return;
        }
        pendingInbound.incrementAndGet();
        Link link = new Link(this, path, Origin.inbound(transport, scope), Optional.empty());
        links.add(link);
        link.handshake().first().whenComplete((p, e) -> pendingInbound.decrementAndGet());
        link.begin();
    }

    // --- LinkOwner ------------------------------------------------------------------------------

    @Override
    public World world() {
        return world;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public List<ProviderHandle<CryptoProvider>> crypto(PeerId peer) {
        return registry.usable(CryptoProvider.class, peer);
    }

    @Override
    public boolean admits(PeerId peer) {
        return sessions.containsKey(peer)
                || sessions.size() < limits.sessions() && admits.test(peer);
    }

    @Override
    public void up(Link link) {
        while (!closed) {
            Session s =
                    sessions.computeIfAbsent(
                            link.peer(), p -> new Session(this, p, () -> noReport(p)));
            s.enter();
            try {
                if (s.state() == dev.karst.PeerState.CLOSED) {
                    sessions.remove(link.peer(), s);
                    if (link.session != null) {
                        break;
                    }
                    continue;
                }
                link.session = s;
                s.links.up(link);
                return;
            } finally {
                s.exit();
            }
        }
        link.close("the session is over");
    }

    private ConnectReport noReport(PeerId peer) {
        return new ConnectReport(
                peer,
                world.clock().instant(),
                Duration.ZERO,
                List.of(),
                "the peer connected to us",
                "");
    }

    @Override
    public void frames(Link link, int epoch, ByteBuffer plain) {
        if (link.session == null) {
            up(link); // another thread is about to, but this record may be the ATTACH
        }
        Session s = link.session;
        if (s == null) {
            counters.add("link.early-frames");
            return;
        }
        s.enter();
        try {
            FrameReader.read(plain, new LinkSink(s, link, epoch));
        } catch (WireException e) {
            counters.add("link.protocol-error");
            s.later(() -> link.close("the peer sent a bad frame: " + e.getMessage()));
        } finally {
            s.exit();
        }
    }

    @Override
    public void keyless(Link link) {
        within(link, () -> link.session.links.keyless(link));
    }

    @Override
    public void writable(Link link) {
        within(link, () -> link.blocked = false);
    }

    @Override
    public void down(Link link, String why) {
        links.remove(link);
        within(link, () -> link.session.links.down(link, why));
    }

    private void within(Link link, Runnable task) {
        Session s = link.session;
        if (s != null) {
            s.enter();
            try {
                task.run();
            } finally {
                s.exit();
            }
        }
    }

    // --- providers ------------------------------------------------------------------------------

    /** A crypto provider left: links that used it shake hands anew in place. */
    public void cryptoLeft(ProviderHandle<CryptoProvider> p) {
        links.forEach(l -> l.cryptoLeft(p));
    }

    /** A crypto provider came: links without keys take it. */
    public void cryptoArrived() {
        for (Link l : links) {
            if (l.peer() != null && !l.keyed()) {
                l.rekey();
            }
        }
    }

    /** Moves links off a crypto provider that is being drained: a new epoch beside the old. */
    public void rekeyOff(ProviderHandle<?> p) {
        for (Link l : links) {
            Epoch e = l.newest();
            if (l.peer() != null && e != null && e.provider == p) {
                l.rekey();
            }
        }
    }

    /** New keys for the paths to that peer, by the best provider for it. */
    public void rekey(PeerId peer) {
        for (Link l : links) {
            if (peer.equals(l.peer()) && l.keyed()) {
                l.rekey();
            }
        }
    }

    /** A transport left: its paths are gone. */
    public void transportLeft(ProviderHandle<Transport> p) {
        for (Link l : links) {
            if (l.origin.transport() == p) {
                l.lost("the transport left");
            }
        }
    }

    /** Paths that leave by an address that this machine has no more are dead, whatever TCP says. */
    public void networkChanged(Set<InetAddress> present) {
        for (Link l : links) {
            Endpoint local = Endpoint.parse(l.local);
            boolean gone = local.literal().filter(a -> !present.contains(a)).isPresent();
            if (gone && !l.byUdp) { // a UDP path ends with its socket
                l.close("this machine has no address " + local.host() + " any more");
            }
        }
    }

    /** Sessions that have a path by that provider and no other one at hand. */
    public List<Session> stayingWith(ProviderHandle<?> p) {
        List<Session> out = new ArrayList<>();
        for (Link l : links) {
            Session s = l.session;
            if (s != null && l.holds(p) && !out.contains(s) && !s.deciding()) {
                out.add(s);
            }
        }
        return out;
    }

    /** Median round trip of the paths that hang on a provider; zero while none was measured. */
    public Duration roundTrip(ProviderHandle<?> p) {
        long[] all =
                links.stream()
                        .filter(l -> l.rttNanos > 0 && l.holds(p))
                        .mapToLong(l -> l.rttNanos)
                        .sorted()
                        .toArray();
        return Duration.ofNanos(all.length == 0 ? 0 : all[all.length / 2]);
    }

    /** What hangs on a provider, one line each. */
    public List<String> holds(ProviderHandle<?> p) {
        List<String> out = new ArrayList<>();
        for (Link l : links) {
            if (l.holds(p)) {
                PeerId peer = l.peer();
                out.add("path " + l.remote + (peer == null ? "" : " to " + peer.brief()));
            }
        }
        return out;
    }

    // --- for sessions ---------------------------------------------------------------------------

    SessionOwner owner() {
        return owner;
    }

    ReplayBudget nodeBudget() {
        return nodeBudget;
    }

    Scratch scratch() {
        Scratch s = pool.poll();
        if (s == null) {
            return new Scratch();
        }
        pooled.decrementAndGet();
        return s;
    }

    /** Half of what is pooled goes each second in which it was not needed. */
    private void trimPool() {
        for (int n = (pooled.get() + 1) / 2; n > 0 && pool.poll() != null; n--) {
            pooled.decrementAndGet();
        }
    }

    void release(Scratch s) {
        if (pooled.get() < POOLED) {
            pooled.incrementAndGet();
            pool.add(s);
        }
    }

    /** Runs what may be the application's; its errors are its own. */
    void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            counters.add("session.callback-failed");
            Log.of(SessionTable.class).log(System.Logger.Level.WARNING, "a callback failed", e);
        }
    }

    /** Gives the session of a peer a report to show. */
    public void report(PeerId peer, Supplier<ConnectReport> report) {
        find(peer).ifPresent(s -> s.report(report));
    }

    public void forget(Session s) {
        sessions.remove(s.id(), s);
    }

    /**
     * Ends all.
     *
     * @param farewell whether peers are told that the sessions are over; else they keep them
     *     suspended and come back
     */
    public void close(boolean farewell) {
        closed = true;
        ticker.close();
        for (Session s : all()) {
            s.enter();
            try {
                s.end(Code.CLOSED, "the node stops", farewell);
            } finally {
                s.exit();
            }
        }
        for (Link l : links) {
            l.fail(Code.CLOSED, "the node stops");
        }
    }

    /** For what begins from now on. */
    public void limits(Limits next) {
        limits = next;
    }

    /** Refuses a connect when there is no room. */
    public void checkRoom() {
        if (sessions.size() >= limits.sessions()) {
            throw new KarstException(
                    Code.LIMIT, "this node has " + sessions.size() + " sessions, its limit");
        }
    }
}
