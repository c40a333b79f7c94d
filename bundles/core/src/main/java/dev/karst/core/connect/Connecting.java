// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.ConnectReport.Outcome;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.core.connect.Race.Kind;
import dev.karst.core.identity.SignalBox.Content;
import dev.karst.core.identity.SignalBox.Message;
import dev.karst.core.identity.SignalBox.Signal;
import dev.karst.core.identity.SignalBox.Type;
import dev.karst.core.registry.Detached;
import dev.karst.core.session.Session;
import dev.karst.spi.nat.NatProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One effort to reach one peer: find its address, tell it, race the strategies against the places
 * it names. Ends with the first proven path, when everything failed, or at the time limit.
 */
final class Connecting {
    /**
     * An OFFER that no ANSWER came to is sent again: signaling may lose it. Six in 7.7 s: where one
     * message in ten is lost, both ways, that leaves one connect in 20,000 unanswered.
     */
    static final Duration[] RESEND = {
        Duration.ofMillis(600),
        Duration.ofMillis(800),
        Duration.ofMillis(1100),
        Duration.ofMillis(1500),
        Duration.ofMillis(1700),
        Duration.ofMillis(2000)
    };

    /** How long the peer's attempt has precedence. */
    private static final Duration YIELDING = Duration.ofSeconds(5);

    /** By how much signaling may mix up the order of two messages. */
    private static final Duration MIXED = Duration.ofMillis(500);

    private final Connector connector;
    private final PeerId peer;
    private final String attempt;
    private final boolean relay;
    private final Duration alone;
    private final Mail mail;
    final ReportBuilder report;
    final CompletableFuture<String> done = new CompletableFuture<>();

    /** Goes on after {@link #done} where the path goes by a relay: fails if no direct one came. */
    final CompletableFuture<String> direct = new CompletableFuture<>();

    private final List<Race> races = new ArrayList<>(); // guarded by this, like what follows
    private final List<Race> mutual = new ArrayList<>();
    private final List<Subscription> timers = new ArrayList<>();
    private final Set<Endpoint> tried = new HashSet<>();
    private ReportBuilder.Line signaling;
    private volatile PeerAddress to;
    private KarstException last;
    private KarstException fallback; // told where nothing better is known
    private int pending = 1; // look-up, signal and races that may still bring a path
    private Subscription resend = () -> {};
    private boolean yielded;
    private long asked; // when, the last time
    private long answered; // when; 0 = not yet
    private boolean tookPart; // the peer, in what both do together
    private boolean over;

    /**
     * @param relay whether a relay may be used; not where one is already
     * @param alone how long the peer is not asked for help
     */
    Connecting(Connector connector, PeerId peer, boolean relay, Duration alone) {
        this.connector = connector;
        this.peer = peer;
        this.relay = relay;
        this.alone = alone;
        this.report = new ReportBuilder(connector.world, peer, relay);
        byte[] id = new byte[16];
        connector.world.secureRandom().nextBytes(id);
        this.attempt = HexFormat.of().formatHex(id);
        this.mail = new Mail(m -> connector.post(to, attempt, m), connector.counters);
    }

    PeerId peer() {
        return peer;
    }

    String attempt() {
        return attempt;
    }

    /** Whether it has the right to what the other one may do, too. */
    boolean covers(boolean otherRelay) {
        return relay || !otherRelay;
    }

    /**
     * Whether who wants a path, or only a direct one, may wait for this effort. Once what both
     * sides took part in is over, a new one has better chances.
     */
    synchronized boolean serves(boolean otherRelay) {
        if (over) {
            return false;
        }
        if (done.isDone()) {
            return !otherRelay;
        }
        boolean spent = tookPart && mutual.isEmpty() && signaling == null && !yielded;
        return covers(otherRelay) && !spent;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** Another effort goes on in its place, and its result is ours. */
    void replacedBy(Connecting other) {
        finish(
                () ->
                        other.done.whenComplete(
                                (strategy, e) -> {
                                    if (e == null) {
                                        done.complete(strategy);
                                    } else {
                                        done.completeExceptionally(e);
                                    }
                                }));
    }

    /**
     * Whether the peer, of whom an OFFER came just now, may be taking part: it has our OFFER, or
     * will have it. Not for longer than it yields: then it is its turn. And not if it took part
     * before: it sends no OFFER while it does.
     */
    synchronized boolean asking() {
        long now = connector.world.nanoTime();
        boolean left = answered != 0 && now - answered > MIXED.toNanos();
        boolean begun = signaling != null || !mutual.isEmpty();
        return !over && !yielded && begun && !left && now - asked < YIELDING.toNanos();
    }

    /**
     * The peer tries to reach us, too, and its attempt is the one that both take part in: of ours
     * only what needs nobody's help goes on.
     */
    void yield() {
        List<Race> stop;
        synchronized (this) {
            if (over || yielded) {
                return;
            }
            yielded = true;
            pending++;
            resend.close();
            stop = new ArrayList<>(mutual);
            timers.add(connector.world.after(YIELDING, this::resume));
        }
        stop.forEach(Race::cancel);
    }

    /** The peer's attempt brought nothing: ours goes on, and asks anew. */
    void resume() {
        boolean ask;
        synchronized (this) {
            if (over || !yielded) {
                return;
            }
            yielded = false;
            ask = to != null && !to.signaling().isEmpty();
            if (ask && signaling == null) {
                pending++;
                signaling = report.line("signal");
            }
        }
        if (ask) {
            offer(0);
        }
        release();
    }

    void start(Optional<PeerAddress> given) {
        synchronized (this) {
            timers.add(
                    connector.world.after(
                            connector.limits.connectTimeout(),
                            () ->
                                    fail(
                                            new KarstException(
                                                    Code.TIMEOUT,
                                                    "no path within "
                                                            + connector
                                                                    .limits
                                                                    .connectTimeout()
                                                                    .toSeconds()
                                                            + " s"))));
        }
        if (given.isPresent()) {
            begin(given.get());
            release();
            return;
        }
        ReportBuilder.Line line = report.line("look-up");
        connector
                .lookup
                .find(peer, line)
                .whenComplete(
                        (a, e) -> {
                            line.end(e == null ? Outcome.WON : Outcome.FAILED);
                            Optional<PeerAddress> known =
                                    e == null ? Optional.of(a) : connector.book.find(peer);
                            if (known.isPresent()) {
                                begin(known.get());
                            } else {
                                note(Detached.of(e));
                            }
                            release();
                        });
    }

    private void begin(PeerAddress address) {
        synchronized (this) {
            if (over) {
                return;
            }
            to = address;
        }
        if (!address.candidates().isEmpty()) {
            race(fresh(address.candidates()), NatProfile.unknown(), Kind.ALONE);
        }
        if (!address.signaling().isEmpty()) {
            synchronized (this) {
                pending++;
                signaling = report.line("signal");
                asked = connector.world.nanoTime();
                if (!alone.isZero()) {
                    timers.add(connector.world.after(alone, () -> offer(0)));
                    return;
                }
            }
            offer(0);
        } else if (address.candidates().isEmpty()) {
            note(
                    new KarstException(
                            Code.UNREACHABLE,
                            "the peer's address names neither a place nor a way to signal it"));
        }
    }

    private void offer(int round) {
        synchronized (this) {
            if (done.isDone() || yielded) {
                return;
            }
            asked = connector.world.nanoTime();
        }
        connector.sessions.find(peer).ifPresent(Session::probe);
        connector
                .signals
                .send(
                        to,
                        Type.OFFER,
                        attempt,
                        connector.places.ownAddress(),
                        Content.offer(connector.places.natProfile(), !relay),
                        signaling)
                .whenComplete(
                        (via, e) -> {
                            if (e != null) {
                                note(Detached.of(e));
                            }
                        });
        synchronized (this) {
            resend.close();
            resend = connector.world.after(RESEND[round], () -> again(round + 1));
        }
    }

    private void again(int round) {
        synchronized (this) {
            if (signaling == null || over || yielded) {
                return;
            }
        }
        if (round < RESEND.length) {
            offer(round);
        } else {
            unanswered();
        }
    }

    private void unanswered() {
        ReportBuilder.Line line;
        synchronized (this) {
            line = signaling;
            signaling = null;
        }
        if (line != null) {
            line.evidence("no answer to the signal");
            line.end(Outcome.FAILED);
            note(
                    new KarstException(
                            Code.UNREACHABLE,
                            "the peer does not answer signals: it is offline, or it has opened"
                                    + " nothing to this node"));
            release();
            ended(Optional.empty());
        }
    }

    /** The peer answered our OFFER with its places. */
    void answered(Signal s) {
        ReportBuilder.Line line;
        synchronized (this) {
            line = signaling;
            signaling = null;
            if (over || line == null) {
                return;
            }
            answered = connector.world.nanoTime();
        }
        line.evidence("answered with " + s.from().candidates().size() + " places");
        line.end(Outcome.WON);
        List<Endpoint> all = s.from().candidates();
        List<Endpoint> fresh = fresh(all);
        NatProfile nat = s.content().nat();
        if (!fresh.isEmpty()) {
            race(fresh, nat, Kind.ALONE);
        }
        race(all, nat, Kind.MUTUAL);
        release();
    }

    /** Those that are not being tried, and did not lead anywhere either. */
    private synchronized List<Endpoint> fresh(List<Endpoint> candidates) {
        List<Endpoint> out = new ArrayList<>();
        for (Endpoint c : candidates) {
            if (tried.add(c)) {
                out.add(c);
            }
        }
        return out;
    }

    private void race(List<Endpoint> candidates, NatProfile remoteNat, Kind kind) {
        Race race;
        synchronized (this) {
            if (over || yielded && kind == Kind.MUTUAL) {
                return;
            }
            pending++;
            race = connector.newRace(report);
            races.add(race);
            if (kind == Kind.MUTUAL) {
                mutual.add(race);
                tookPart = true;
            }
        }
        Places own = connector.places;
        Terms terms =
                new Terms(
                        attempt,
                        true,
                        own.candidates(),
                        candidates,
                        own.natProfile(),
                        remoteNat,
                        relay);
        race.run(to, terms, mail, kind)
                .whenComplete(
                        (strategy, e) -> {
                            synchronized (this) {
                                mutual.remove(race);
                                if (e != null && kind == Kind.ALONE) {
                                    candidates.forEach(tried::remove); // not before the peer knew
                                }
                            }
                            if (e == null) {
                                win(strategy, race);
                            } else if (race.idle()) {
                                fallback(Detached.of(e));
                            } else {
                                note(Detached.of(e));
                            }
                            release();
                        });
        race.ended().thenAccept(this::ended);
    }

    private synchronized void fallback(KarstException e) {
        fallback = e;
    }

    /** The other side's strategy says something to ours. */
    void message(Message m) {
        mail.received(m);
    }

    private void win(String strategy, Race race) {
        report.won(strategy);
        if (race.ended().isDone() && race.ended().join().isPresent()) {
            direct.complete(strategy);
            finish(() -> done.complete(strategy));
        } else {
            done.complete(strategy); // by a relay: others may still find a direct one
        }
    }

    /** A race is over; it may have gone on after a relayed path won it. */
    private void ended(Optional<String> strategy) {
        if (strategy.isPresent() && done.isDone()) {
            report.upgraded(strategy.get());
            direct.complete(strategy.get());
            finish(() -> {});
        } else if (done.isDone() && idle()) {
            finish(() -> {});
        }
    }

    private synchronized boolean idle() {
        return signaling == null && races.stream().allMatch(r -> r.ended().isDone());
    }

    /**
     * The peer's own connect was faster: a path stands.
     *
     * @param relayed whether it goes by a relay, so that a direct one is still looked for
     */
    void overtaken(boolean relayed) {
        report.overtaken();
        if (relayed && !idle()) {
            done.complete("inbound");
        } else {
            finish(() -> done.complete("inbound"));
        }
    }

    private synchronized void note(KarstException e) {
        boolean telling = last == null || last.code() == Code.UNREACHABLE;
        if (telling && e.code() != Code.CLOSED) {
            last = e;
        }
    }

    private void release() {
        KarstException why;
        synchronized (this) {
            if (--pending > 0) {
                return;
            }
            why = last != null ? last : fallback;
        }
        if (done.isDone()) {
            return;
        }
        fail(why != null ? why : new KarstException(Code.UNREACHABLE, "every attempt failed"));
    }

    void fail(KarstException e) {
        if (done.isDone()) {
            finish(() -> {});
            return;
        }
        report.failed(e);
        finish(() -> done.completeExceptionally(e));
    }

    private void finish(Runnable complete) {
        List<Race> all;
        List<Subscription> t;
        synchronized (this) {
            over = true;
            all = new ArrayList<>(races);
            t = new ArrayList<>(timers);
            t.add(resend);
            timers.clear();
        }
        complete.run();
        t.forEach(Subscription::close);
        all.forEach(Race::cancel);
        direct.completeExceptionally(
                new KarstException(Code.UNREACHABLE, "no direct path was found"));
    }
}
