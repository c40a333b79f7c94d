// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.core.Counters;
import dev.karst.core.Limits;
import dev.karst.core.identity.SignalBox.Content;
import dev.karst.core.identity.SignalBox.Message;
import dev.karst.core.identity.SignalBox.Signal;
import dev.karst.core.identity.SignalBox.Type;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.session.Session;
import dev.karst.core.session.SessionTable;
import dev.karst.core.world.World;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.relay.RelayProvider.Family;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Connects, answers those who connect, and redials sessions that lost their paths. */
public final class Connector {
    private static final int REPORTS = 256;
    final World world;
    final ProviderRegistry registry;
    final SessionTable sessions;
    final AddressBook book;
    final Lookup lookup;
    volatile Limits limits;
    final Places places;
    final Counters counters;
    private final Sockets sockets;
    private final Responses responses;
    private final Seeking seeking;
    private final Predicate<PeerId> admits;
    private final Map<PeerId, Connecting> running = new LinkedHashMap<>(); // guarded by this
    private final Map<PeerId, ReportBuilder> reports =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<PeerId, ReportBuilder> eldest) {
                    return size() > REPORTS;
                }
            };
    SignalHub signals;
    private boolean closed;

    public Connector(
            World world,
            ProviderRegistry registry,
            SessionTable sessions,
            AddressBook book,
            Lookup lookup,
            Limits limits,
            Places places,
            Sockets sockets,
            Counters counters,
            Predicate<PeerId> admits) {
        this.world = world;
        this.registry = registry;
        this.sessions = sessions;
        this.book = book;
        this.lookup = lookup;
        this.limits = limits;
        this.places = places;
        this.sockets = sockets;
        this.counters = counters;
        this.admits = admits;
        this.responses = new Responses(this);
        this.seeking = new Seeking(this);
    }

    /** Before the first connect; the hub needs us as its receiver. */
    public void signals(SignalHub hub) {
        signals = hub;
    }

    /** For what begins from now on. */
    public void limits(Limits next) {
        limits = next;
    }

    /** Connects, or returns the session that stands. */
    public CompletableFuture<Peer> connect(PeerId peer, Optional<PeerAddress> address) {
        Optional<Session> standing = sessions.find(peer);
        if (standing.isPresent() && standing.get().state() == PeerState.CONNECTED) {
            return CompletableFuture.completedFuture(standing.get());
        }
        try {
            sessions.checkRoom();
        } catch (KarstException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (address.isPresent() && !book.learnIfGenuine(address.get())) {
            return CompletableFuture.failedFuture(
                    new KarstException(
                            Code.WRONG_KEY,
                            "the address is forged: its keys are not"
                                    + " certified by its peer id"));
        }
        return dial(peer, address).thenApply(s -> session(peer));
    }

    private Peer session(PeerId peer) {
        return sessions.find(peer)
                .map(s -> (Peer) s)
                .orElseThrow(() -> new KarstException(Code.CLOSED, "the session ended at once"));
    }

    /** Looks for a new path, also where a session stands. Efforts to one peer are joined. */
    public CompletableFuture<String> dial(PeerId peer, Optional<PeerAddress> address) {
        return dial(peer, address, true, Duration.ZERO);
    }

    /**
     * @param relay whether a relay may be used
     * @param alone how long this side tries what it can without the peer's help
     */
    CompletableFuture<String> dial(
            PeerId peer, Optional<PeerAddress> address, boolean relay, Duration alone) {
        Connecting old;
        Connecting mine;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(
                        new KarstException(Code.CLOSED, "the node stops"));
            }
            old = running.get(peer);
            if (old != null && old.serves(relay)) {
                return relay ? old.done.copy() : old.direct.copy();
            }
            mine = new Connecting(this, peer, relay, alone);
            running.put(peer, mine);
            mine.report.follows(reports.remove(peer));
            reports.put(peer, mine.report);
        }
        if (old != null) {
            old.replacedBy(mine);
        }
        sessions.report(peer, mine.report::build);
        mine.done.thenAccept(s -> sessions.report(peer, mine.report::build));
        mine.direct.whenComplete(
                (s, e) -> {
                    synchronized (this) {
                        running.remove(peer, mine);
                    }
                });
        if (!precedes(peer) && responses.responding(peer)) {
            mine.yield();
        }
        if (relay) {
            prepareRelay(peer, NatProfile.unknown());
        }
        mine.start(address);
        return mine.done.copy();
    }

    /**
     * Reserves a relay, while the two sides still tell each other where they are, if time is short:
     * a path was lost, or UDP does not get out of one side.
     */
    void prepareRelay(PeerId peer, NatProfile remote) {
        NatProfile own = places.natProfile();
        if (sessions.find(peer).isPresent() || Nats.blocked(own) || Nats.blocked(remote)) {
            sockets.relays().get(Family.IPV4);
        }
    }

    /** Whether we look for a path to that peer. */
    public synchronized boolean connecting(PeerId peer) {
        Connecting c = running.get(peer);
        return c != null && !c.isOver();
    }

    /** How the last connect to that peer went. */
    public ConnectReport report(PeerId peer) {
        ReportBuilder r;
        synchronized (this) {
            r = reports.get(peer);
        }
        if (r != null) {
            return r.build();
        }
        return sessions.find(peer)
                .map(Session::report)
                .orElseGet(
                        () ->
                                new ConnectReport(
                                        peer,
                                        world.clock().instant(),
                                        Duration.ZERO,
                                        java.util.List.of(),
                                        "no connect to this peer yet",
                                        ""));
    }

    /** A path to the peer stands, whoever found it: a connect under way is done. */
    public void connected(PeerId peer) {
        Connecting c;
        synchronized (this) {
            c = running.get(peer);
        }
        Optional<Session> s = sessions.find(peer);
        if (s.isPresent() && !s.get().relayed()) {
            responses.connected(peer);
        }
        // One that looks for a direct path is not done by a relayed one.
        boolean enough = c != null && s.isPresent() && (c.covers(true) || !s.get().relayed());
        if (enough && s.get().state() == PeerState.CONNECTED) {
            // A race of ours may be about to win: it then says so itself.
            world.after(
                    Duration.ofMillis(50),
                    () -> {
                        if (s.get().state() == PeerState.CONNECTED && !replacing(s.get())) {
                            c.overtaken(s.get().relayed());
                        }
                    });
        }
    }

    /** Whether the session needs another path although one stands: its transport is leaving. */
    private boolean replacing(Session s) {
        return s.leaving();
    }

    /** A signal was opened: somebody wants to reach us, or answers. */
    public void signal(Signal s) {
        PeerId from = s.from().id();
        if (s.type() == Type.ANSWER) {
            Connecting c;
            synchronized (this) {
                c = running.get(from);
            }
            if (c != null && c.attempt().equals(s.attempt())) {
                book.learn(s.from());
                if (precedes(from)) {
                    responses.cancel(from); // the peer gave up its own attempt for ours
                }
                c.answered(s);
            } else {
                counters.add("signal.stray-answer");
            }
            return;
        }
        if (s.type() == Type.MESSAGE) {
            message(s);
            return;
        }
        Connecting ours;
        synchronized (this) {
            ours = running.get(from);
        }
        if (ours == null && !admits.test(from) && sessions.find(from).isEmpty()) {
            counters.add("signal.not-admitted");
            return;
        }
        book.learn(s.from());
        if (registry.usable(CryptoProvider.class).isEmpty()) {
            // Nothing could come of it now. Unanswered it is repeated, and a provider may come.
            counters.add("signal.no-crypto");
            return;
        }
        if (sessions.find(from).filter(seeking::settled).isPresent()) {
            counters.add("signal.settled");
            return;
        }
        ReportBuilder.Line line = new ReportBuilder(world, from).line("answer");
        signals.send(
                        s.from(),
                        Type.ANSWER,
                        s.attempt(),
                        places.ownAddress(),
                        Content.of(places.natProfile()),
                        line)
                .whenComplete(
                        (via, e) -> {
                            if (e != null) {
                                counters.add("signal.answer-not-sent");
                            }
                        });
        // Both want each other at once. Two attempts would fight for the same pairs of addresses:
        // both sides take part in that of the lower id only.
        if (ours != null && precedes(from) && ours.asking()) {
            counters.add("signal.crossing");
            ours.direct.whenComplete((path, e) -> crossed(s, e));
            return;
        }
        if (ours != null) {
            ours.yield();
        }
        responses.respond(s);
    }

    /**
     * Ours took precedence and is over. If it brought nothing, such as when signals were lost, the
     * peer may still be at its own, which it believes that we take part in.
     */
    private void crossed(Signal offer, Throwable failure) {
        PeerId peer = offer.from().id();
        boolean stands =
                sessions.find(peer).filter(s -> s.state() == PeerState.CONNECTED).isPresent();
        if (failure != null && !stands && !connecting(peer)) {
            responses.respond(offer);
        }
    }

    private boolean precedes(PeerId peer) {
        return sessions.identity().id().compareTo(peer) < 0;
    }

    /** Our part in an attempt of the peer's is over: a path of it stands in a moment, or never. */
    void responded(PeerId peer) {
        Connecting c;
        synchronized (this) {
            c = running.get(peer);
        }
        if (c != null) {
            world.after(
                    Duration.ofSeconds(1),
                    () -> {
                        if (!responses.responding(peer)) {
                            c.resume();
                        }
                    });
        }
    }

    /** For an attempt of ours, or one that we take part in. */
    private void message(Signal s) {
        PeerId from = s.from().id();
        Optional<Message> m = s.content().message();
        Connecting c;
        synchronized (this) {
            c = running.get(from);
        }
        if (m.isPresent() && c != null && c.attempt().equals(s.attempt())) {
            c.message(m.get());
        } else if (m.isEmpty() || !responses.message(from, s.attempt(), m.get())) {
            counters.add("signal.stray-message");
        }
    }

    /** Sends a strategy's message to its other side. */
    CompletionStage<?> post(PeerAddress to, String attempt, Message m) {
        ReportBuilder.Line line = new ReportBuilder(world, to.id()).line("message");
        Content content = Content.of(m);
        PeerAddress own = places.ownAddress().withCandidates(List.of());
        return signals.send(to, Type.MESSAGE, attempt, own, content, line);
    }

    Race newRace(ReportBuilder report) {
        return new Race(
                world, registry, sessions, sockets, counters, report, limits.connectTimeout());
    }

    /** A path came into use. */
    public void inUse(Session s) {
        if (s.relayed()) {
            seeking.upgrade(s);
        } else {
            seeking.direct(s);
            connected(s.id());
        }
    }

    /** The path in use may be dead: another one is looked for beside it. */
    public void suspect(Session s) {
        seeking.suspect(s);
    }

    /** All paths of a session are lost. */
    public void redial(Session s, boolean dialed) {
        seeking.redial(s, dialed);
    }

    /** The session is over, and so is what was looked for on its behalf: or it would come back. */
    public void forget(Session s) {
        seeking.forget(s);
        Connecting c;
        synchronized (this) {
            c = running.get(s.id());
        }
        if (c != null) {
            c.fail(new KarstException(Code.CLOSED, "the session was ended"));
        }
        responses.cancel(s.id());
    }

    /**
     * This node has other addresses: what is under way goes by the old ones, and what was hopeless
     * may not be so any more.
     */
    public void networkChanged() {
        List<Connecting> all;
        synchronized (this) {
            all = new java.util.ArrayList<>(running.values());
        }
        for (Connecting c : all) {
            if (sessions.find(c.peer()).isPresent()) {
                c.fail(new KarstException(Code.CLOSED, "the network changed: tried anew"));
            }
        }
        seeking.networkChanged();
    }

    /**
     * A broker is back. A relay is often in the same process: what it gave before may be gone
     * without a word, so that nobody who begins now should count on it.
     */
    public void signalingReturned() {
        sockets.relays().networkChanged();
        tryAnew("a broker is back");
    }

    /**
     * What paths may have waited for is here. A connect under way began without it, and the pause
     * before the next one has grown meanwhile: those without any path begin anew, at once.
     */
    public void tryAnew(String why) {
        List<Connecting> all;
        synchronized (this) {
            all = new java.util.ArrayList<>(running.values());
        }
        for (Connecting c : all) {
            Optional<Session> s = sessions.find(c.peer());
            if (s.isPresent() && s.get().state() == PeerState.SUSPENDED) {
                c.fail(new KarstException(Code.CLOSED, why + ": tried anew"));
            }
        }
        seeking.tryAnew();
    }

    synchronized boolean stopped() {
        return closed;
    }

    public void close() {
        List<Connecting> all;
        synchronized (this) {
            closed = true;
            all = new java.util.ArrayList<>(running.values());
        }
        responses.close();
        seeking.close();
        all.forEach(c -> c.fail(new KarstException(Code.CLOSED, "the node stops")));
    }
}
