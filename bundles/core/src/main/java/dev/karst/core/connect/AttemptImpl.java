// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.session.Origin;
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.CoreScope;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PunchSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The handle a strategy gets. Paths it dials have a scope of their own, since the one that wins
 * outlives the attempt; all others end with it.
 */
final class AttemptImpl implements Attempt {
    /** A SYN that was lost twice comes after three seconds. */
    private static final Duration DIAL_LIMIT = Duration.ofSeconds(5);

    private final ProviderRegistry registry;
    private final SessionTable sessions;
    private final PeerAddress to;
    private final String strategy;
    private final Terms terms;
    private final Mail mail;
    private final Punching punching;
    private final Set<InetAddress> relays = ConcurrentHashMap.newKeySet();
    private final ReportBuilder.Line line;
    private final CoreScope scope;
    private final Map<Path, Origin> dialed = new LinkedHashMap<>(); // not yet given to a session
    private final List<CoreScope> dialing = new ArrayList<>();
    private final List<CompletableFuture<PeerId>> proving = new ArrayList<>();
    private final CompletableFuture<KarstException> refused = new CompletableFuture<>();
    private Consumer<byte[]> receiver;
    private Code worst = Code.UNREACHABLE;
    private volatile boolean provedRelayed;
    private boolean over;

    AttemptImpl(
            ProviderRegistry registry,
            SessionTable sessions,
            PeerAddress to,
            String strategy,
            Terms terms,
            Mail mail,
            Punching punching,
            ReportBuilder.Line line,
            CoreScope scope) {
        this.registry = registry;
        this.sessions = sessions;
        this.to = to;
        this.strategy = strategy;
        this.terms = terms;
        this.mail = mail;
        this.punching = punching;
        this.line = line;
        this.scope = scope;
        terms.seenPeer().ifPresent(punching::spread);
        scope.onCancel(this::end);
    }

    @Override
    public String id() {
        return terms.id();
    }

    @Override
    public PeerId peer() {
        return to.id();
    }

    @Override
    public boolean initiator() {
        return terms.initiator();
    }

    @Override
    public List<Endpoint> localCandidates() {
        return terms.local();
    }

    @Override
    public List<Endpoint> remoteCandidates() {
        return terms.remote();
    }

    @Override
    public NatProfile localNat() {
        return terms.localNat();
    }

    @Override
    public NatProfile remoteNat() {
        return terms.remoteNat();
    }

    @Override
    public CompletionStage<Path> dial(Endpoint endpoint) {
        List<ProviderHandle<Transport>> able =
                registry.usable(Transport.class, to.id()).stream()
                        .filter(h -> h.serves(endpoint.scheme()))
                        .toList();
        if (able.isEmpty()) {
            return none(
                    "no transport for "
                            + endpoint.scheme()
                            + ": install karst-transport-"
                            + endpoint.scheme());
        }
        ProviderHandle<Transport> best = able.get(0);
        if (best.trial() == null || able.size() == 1) {
            return dial(best, endpoint);
        }
        // A peer that happens to be chosen for a trial is not to suffer from it.
        return dial(best, endpoint).exceptionallyCompose(e -> dial(able.get(1), endpoint));
    }

    private CompletionStage<Path> dial(ProviderHandle<Transport> by, Endpoint endpoint) {
        // Who dials meets a listener, which waits; else the roles follow the attempt.
        Origin o = Origin.dialed(strategy, terms.id(), by, by.scope(null));
        return open(o, "dial", (t, s) -> t.dial(endpoint, s));
    }

    @Override
    public CompletionStage<Path> over(DatagramFlow flow) {
        Optional<ProviderHandle<Transport>> by = transportOver("udp");
        if (by.isEmpty()) {
            return none("no transport over UDP: install karst-transport-quic");
        }
        CoreScope path = by.get().scope(null);
        Punch from = punching.take(flow, path);
        if (from == null) {
            path.cancel();
            return none("not a flow of this attempt");
        }
        ProviderHandle<RelayProvider> relay = from.relayedBy();
        boolean relayed = relay != null || isRelay(flow.remote());
        boolean first = terms.initiator();
        Origin o = new Origin(strategy, terms.id(), first, by.get(), path, false, relayed, relay);
        return open(o, "over", (t, s) -> t.over(flow, first, s));
    }

    @Override
    public CompletionStage<Path> over(TcpSocket socket) {
        Optional<ProviderHandle<Transport>> by = transportOver("tcp");
        if (by.isEmpty()) {
            return none("no transport over TCP: install karst-transport-tcp");
        }
        CoreScope path = by.get().scope(null);
        path.adopt(socket);
        boolean first = terms.initiator();
        Origin o = new Origin(strategy, terms.id(), first, by.get(), path, false, false, null);
        return open(o, "over", (t, s) -> t.over(socket, first, s));
    }

    private static CompletionStage<Path> none(String why) {
        return CompletableFuture.failedFuture(new KarstException(Code.NO_PROVIDER, why));
    }

    private Optional<ProviderHandle<Transport>> transportOver(String protocol) {
        return registry.usable(Transport.class, to.id()).stream()
                .filter(h -> h.runsOver(protocol))
                .findFirst();
    }

    /** Whether the peer said that this is its address at a relay. */
    private boolean isRelay(InetSocketAddress remote) {
        return relays.contains(remote.getAddress());
    }

    @Override
    public void relayed(InetAddress remote) {
        relays.add(remote);
    }

    private CompletionStage<Path> open(
            Origin origin,
            String what,
            BiFunction<Transport, CoreScope, CompletionStage<Path>> call) {
        ProviderHandle<Transport> by = origin.transport();
        CoreScope path = origin.scope();
        synchronized (this) {
            if (over) {
                path.cancel();
            } else {
                dialing.add(path);
            }
        }
        return by.<Path>call(what, path, DIAL_LIMIT, call)
                .handle(
                        (p, e) -> {
                            LentPath lent = p == null ? null : lend(by, path, p);
                            synchronized (this) {
                                dialing.remove(path);
                                if (lent != null && !over) {
                                    dialed.put(lent, origin);
                                    return lent;
                                }
                            }
                            path.cancel();
                            throw e != null
                                    ? Detached.of(e)
                                    : new KarstException(Code.CLOSED, "the attempt is over");
                        });
    }

    private LentPath lend(ProviderHandle<Transport> by, CoreScope path, Path p) {
        try {
            return new LentPath(p);
        } catch (Throwable e) { // it asks the transport's path what it is
            if (!by.isGone()) {
                by.crashed("path", e);
            }
            synchronized (this) {
                dialing.remove(path);
            }
            path.cancel();
            throw Detached.of(e);
        }
    }

    @Override
    public List<PunchSocket> sockets() {
        try {
            return punching.shared();
        } catch (KarstException e) {
            // A strategy that calls from a task of its own would never tell anybody.
            refused.complete(e);
            throw e;
        }
    }

    @Override
    public CompletionStage<PunchSocket> bind(InetSocketAddress local) {
        return punching.bind(local);
    }

    @Override
    public CompletionStage<List<PortGuess>> predict(PortSituation situation) {
        return Guesses.of(registry, situation);
    }

    @Override
    public CompletionStage<RelayPunchSocket> relay(RelayProvider.Family family) {
        return terms.relay()
                ? punching.relay(family)
                : CompletableFuture.failedFuture(
                        new KarstException(Code.NOT_PERMITTED, "a relay is in use already"));
    }

    @Override
    public DatagramFlow flow(PunchSocket socket, InetSocketAddress remote) {
        return punching.flow(socket, remote);
    }

    @Override
    public CompletionStage<Void> tell(byte[] message) {
        return mail.send(strategy, message);
    }

    @Override
    public void told(Consumer<byte[]> message) {
        Consumer<byte[]> mine = m -> scope.executor().execute(() -> message.accept(m));
        synchronized (this) {
            if (receiver != null) {
                throw new IllegalStateException("told already");
            }
            if (over) {
                return;
            }
            receiver = mine;
        }
        mail.receiver(strategy, mine);
        synchronized (this) {
            if (!over) {
                return;
            }
        }
        mail.forget(strategy, mine);
    }

    @Override
    public CompletionStage<Path> prove(Path path) {
        Origin d;
        synchronized (this) {
            d = dialed.remove(path);
        }
        if (d == null) {
            return CompletableFuture.failedFuture(
                    new KarstException(Code.CLOSED, "the attempt is over"));
        }
        CompletableFuture<PeerId> proven =
                sessions.prove(((LentPath) path).take(), d, to.id(), to.handshakeKey());
        boolean late;
        synchronized (this) {
            late = over;
            if (!late) {
                proving.add(proven);
            }
        }
        if (late) {
            proven.cancel(false);
        }
        return proven.handle(
                (peer, e) -> {
                    synchronized (this) {
                        proving.remove(proven);
                    }
                    if (e == null) {
                        provedRelayed = d.relayed();
                        if (d.relayed()) {
                            line.relayed();
                        }
                        return path;
                    }
                    KarstException k = Detached.of(e);
                    synchronized (this) {
                        if (k.code() != Code.UNREACHABLE && k.code() != Code.TIMEOUT) {
                            worst = k.code();
                        }
                    }
                    throw k;
                });
    }

    /** Completes when the attempt cannot go on, whatever the strategy does. */
    CompletableFuture<KarstException> refused() {
        return refused;
    }

    /** Whether the path that proved the peer last goes by a relay. */
    boolean provedRelayed() {
        return provedRelayed;
    }

    /** The most telling code of the paths that failed. */
    synchronized Code worst() {
        return worst;
    }

    @Override
    public void evidence(String text) {
        line.evidence(text);
    }

    @Override
    public Scope scope() {
        return scope;
    }

    private void end() {
        List<CoreScope> rest;
        List<CompletableFuture<PeerId>> unproven;
        Consumer<byte[]> told;
        synchronized (this) {
            over = true;
            told = receiver;
            rest = new ArrayList<>(dialing);
            dialed.values().forEach(d -> rest.add(d.scope()));
            dialing.clear();
            dialed.clear();
            unproven = new ArrayList<>(proving);
        }
        // Left alone they would hold their addresses, and the roles of an attempt that is no more.
        unproven.forEach(p -> p.cancel(false));
        rest.forEach(CoreScope::cancel);
        punching.end();
        if (told != null) {
            mail.forget(strategy, told); // else the effort would keep a strategy that has left
        }
    }
}
