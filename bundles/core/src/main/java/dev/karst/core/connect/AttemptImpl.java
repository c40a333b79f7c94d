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
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.CoreScope;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The handle a strategy gets. Paths it dials have a scope of their own, since the one that wins
 * outlives the attempt; all others end with it.
 */
final class AttemptImpl implements Attempt {
    private static final Duration DIAL_LIMIT = Duration.ofSeconds(15);

    /** A path that was dialed and has not been given to a session. */
    private record Dialed(ProviderHandle<Transport> by, CoreScope scope) {}

    private final ProviderRegistry registry;
    private final SessionTable sessions;
    private final PeerAddress to;
    private final String strategy;
    private final Terms terms;
    private final ReportBuilder.Line line;
    private final CoreScope scope;
    private final Map<Path, Dialed> dialed = new IdentityHashMap<>();
    private final List<CoreScope> dialing = new ArrayList<>();
    private Code worst = Code.UNREACHABLE;
    private boolean over;

    AttemptImpl(
            ProviderRegistry registry,
            SessionTable sessions,
            PeerAddress to,
            String strategy,
            Terms terms,
            ReportBuilder.Line line,
            CoreScope scope) {
        this.registry = registry;
        this.sessions = sessions;
        this.to = to;
        this.strategy = strategy;
        this.terms = terms;
        this.line = line;
        this.scope = scope;
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
        for (ProviderHandle<Transport> h : registry.usable(Transport.class)) {
            if (h.serves(endpoint.scheme())) {
                return dial(h, endpoint);
            }
        }
        return CompletableFuture.failedFuture(
                new KarstException(
                        Code.NO_PROVIDER,
                        "no transport for "
                                + endpoint.scheme()
                                + ": install karst-transport-"
                                + endpoint.scheme()));
    }

    private CompletionStage<Path> dial(ProviderHandle<Transport> by, Endpoint endpoint) {
        CoreScope path = by.scope(null);
        synchronized (this) {
            if (over) {
                path.cancel();
            } else {
                dialing.add(path);
            }
        }
        return by.<Path>call("dial", path, DIAL_LIMIT, (t, s) -> t.dial(endpoint, s))
                .handle(
                        (p, e) -> {
                            synchronized (this) {
                                dialing.remove(path);
                                if (p != null && !over) {
                                    LentPath lent = new LentPath(p);
                                    dialed.put(lent, new Dialed(by, path));
                                    return lent;
                                }
                            }
                            path.cancel();
                            throw e != null
                                    ? Detached.of(e)
                                    : new KarstException(Code.CLOSED, "the attempt is over");
                        });
    }

    @Override
    public CompletionStage<Path> prove(Path path) {
        Dialed d;
        synchronized (this) {
            d = dialed.remove(path);
        }
        if (d == null) {
            return CompletableFuture.failedFuture(
                    new KarstException(Code.CLOSED, "the attempt is over"));
        }
        return sessions.prove(
                        ((LentPath) path).take(),
                        strategy,
                        terms.id(),
                        d.by,
                        d.scope,
                        to.id(),
                        Optional.of(to.handshakeKey()))
                .handle(
                        (peer, e) -> {
                            if (e == null) {
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
        synchronized (this) {
            over = true;
            rest = new ArrayList<>(dialing);
            dialed.values().forEach(d -> rest.add(d.scope));
            dialing.clear();
            dialed.clear();
        }
        rest.forEach(CoreScope::cancel);
    }
}
