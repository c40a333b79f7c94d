// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.PeerAddress;
import dev.karst.PeerState;
import dev.karst.Subscription;
import dev.karst.core.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for paths of sessions that stand: for any path where there is none or where the one in use
 * may be dead, and for a direct one where a relay is in use. One search of each kind for a session,
 * with growing pauses. Thread-safe.
 */
final class Seeking {
    private static final Duration[] BACKOFF = {
        Duration.ZERO,
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3)
    };

    /**
     * A path that was dialed can be dialed again, at the latest when a transport that is updated in
     * place is back: asking for help at once would only keep both sides busy meanwhile.
     */
    private static final Duration ALONE = Duration.ofMillis(300);

    private static final Duration[] UPGRADE = {
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5)
    };

    /** Who is not found again for so long may be hidden by another NAT than before. */
    private static final Duration DOUBT = Duration.ofSeconds(2);

    private static final Duration JUST_NOW = Duration.ofMillis(500);

    /** A direct path that is lost sooner is no reason to hurry to the next one. */
    private static final long STABLE_NANOS = Duration.ofMinutes(1).toNanos();

    /** Times a search, and can be told to start over. Guarded by the seeking. */
    private static final class Search {
        boolean on;
        Duration alone = Duration.ZERO;
        int round;
        Subscription timer = () -> {};

        void stop() {
            on = false;
            timer.close();
        }
    }

    private static final class Searches {
        final Search any = new Search();
        final Search direct = new Search();
        long directAt; // since when a direct path is in use, or was
        boolean wasDirect;
    }

    private final Connector connector;
    private final Map<Session, Searches> all = new HashMap<>(); // guarded by this
    private boolean closed;

    Seeking(Connector connector) {
        this.connector = connector;
    }

    private Searches of(Session s) {
        return all.computeIfAbsent(s, k -> new Searches());
    }

    /** Of a session that may have been forgotten meanwhile: nothing is searched for it then. */
    private Searches still(Session s) {
        return all.getOrDefault(s, new Searches());
    }

    // --- any path

    /**
     * All paths of a session are lost: both sides redial.
     *
     * @param dialed whether the last one had been dialed by either side, with nobody's help
     */
    void redial(Session s, boolean dialed) {
        if (s.state() == PeerState.CLOSED) {
            return;
        }
        synchronized (this) {
            Search any = of(s).any;
            any.alone = dialed ? ALONE : Duration.ZERO;
            if (closed || any.on) {
                return;
            }
            any.on = true;
            any.round = 0;
        }
        connector.world.after(DOUBT, () -> doubt(s));
        again(s);
    }

    private void doubt(Session s) {
        boolean searches;
        synchronized (this) {
            searches = !closed && still(s).any.on;
        }
        if (searches && s.state() == PeerState.SUSPENDED) {
            connector.places.doubt();
        }
    }

    /** A search that found a path is over, unless that path has been lost meanwhile, too. */
    private void found(Session s) {
        boolean dialed;
        synchronized (this) {
            Search any = still(s).any;
            any.stop();
            dialed = !any.alone.isZero();
        }
        if (s.state() == PeerState.SUSPENDED && s.paths().isEmpty()) {
            redial(s, dialed);
        }
    }

    private void again(Session s) {
        synchronized (this) {
            Search any = still(s).any;
            // Jitter, so that two nodes do not dial in lockstep for ever.
            long jitter = any.round == 0 ? 0 : connector.world.random().nextInt(50 * any.round + 1);
            Duration pause = pause(BACKOFF, any.round).plusMillis(jitter);
            if (!any.on) {
                return;
            }
            any.timer.close();
            any.timer = connector.world.after(pause, () -> dial(s));
        }
    }

    private static Duration pause(Duration[] steps, int round) {
        return steps[Math.min(round, steps.length - 1)];
    }

    private void dial(Session s) {
        PeerState state = s.state();
        int round;
        Duration alone;
        synchronized (this) {
            Search any = still(s).any;
            if (!any.on || closed) {
                return;
            }
            round = any.round;
            alone = round == 0 ? any.alone : Duration.ZERO;
        }
        if (state == PeerState.CLOSED || state == PeerState.CONNECTED && !s.suspect()) {
            found(s);
            return;
        }
        // Every other time the directories are asked: the peer may have moved.
        Optional<PeerAddress> known =
                round % 2 == 0 ? connector.book.find(s.id()) : Optional.empty();
        connector
                .dial(s.id(), known, true, alone)
                .whenComplete(
                        (ok, e) -> {
                            synchronized (this) {
                                Search any = still(s).any;
                                if (!any.on || any.round != round) {
                                    return; // stopped, or begun anew
                                }
                                if (e != null) {
                                    any.round++;
                                }
                            }
                            if (e != null) {
                                again(s);
                            } else {
                                found(s);
                            }
                        });
    }

    /** The path in use may be dead; it stays until another one stands, or it is heard again. */
    void suspect(Session s) {
        redial(s, false);
    }

    // --- a direct one

    /** The path in use goes by a relay: looks for a direct one, less and less often. */
    void upgrade(Session s) {
        synchronized (this) {
            Searches searches = of(s);
            Search direct = searches.direct;
            if (closed || direct.on) {
                return;
            }
            boolean flapped =
                    searches.wasDirect
                            && connector.world.nanoTime() - searches.directAt < STABLE_NANOS;
            direct.on = true;
            direct.round = flapped ? direct.round + 1 : 0;
        }
        upgradeLater(s);
    }

    private void upgradeLater(Session s) {
        synchronized (this) {
            Search direct = still(s).direct;
            if (!direct.on) {
                return;
            }
            direct.timer.close();
            direct.timer = connector.world.after(pause(UPGRADE, direct.round), () -> dialDirect(s));
        }
    }

    private void dialDirect(Session s) {
        PeerState state = s.state();
        boolean relayed = s.relayed();
        int round;
        synchronized (this) {
            Search direct = still(s).direct;
            if (!direct.on || closed) {
                return;
            }
            if (state == PeerState.CLOSED || state == PeerState.CONNECTED && !relayed) {
                direct.stop();
                return;
            }
            round = direct.round;
        }
        if (state != PeerState.CONNECTED) {
            upgradeLater(s); // without any path others look for one
            return;
        }
        connector
                .dial(s.id(), connector.book.find(s.id()), false, Duration.ZERO)
                .whenComplete(
                        (ok, e) -> {
                            s.directVerdict();
                            synchronized (this) {
                                Search direct = still(s).direct;
                                if (!direct.on || direct.round != round) {
                                    return;
                                }
                                direct.round++;
                            }
                            upgradeLater(s);
                        });
    }

    /**
     * Whether a direct path came into use just now: what the peer asked for, before it knew of it.
     * If it needs another one it asks again, {@link Connecting#RESEND} later.
     */
    boolean settled(Session s) {
        synchronized (this) {
            Searches x = still(s);
            long age = connector.world.nanoTime() - x.directAt;
            if (!x.wasDirect || age > JUST_NOW.toNanos()) {
                return false;
            }
        }
        boolean good = s.state() == PeerState.CONNECTED && !s.suspect() && !s.leaving();
        return good && !s.relayed();
    }

    /** A direct path is in use. */
    void direct(Session s) {
        synchronized (this) {
            Searches searches = of(s);
            searches.directAt = connector.world.nanoTime();
            searches.wasDirect = true;
            searches.direct.stop();
        }
    }

    // --- both

    /** Everything may be another way now: who searches begins anew, at once. */
    void networkChanged() {
        List<Session> any = new ArrayList<>();
        List<Session> direct = new ArrayList<>();
        synchronized (this) {
            all.forEach(
                    (s, x) -> {
                        x.wasDirect = false;
                        x.any.alone = Duration.ZERO;
                        if (x.any.on) {
                            x.any.round = 0;
                            any.add(s);
                        }
                        if (x.direct.on) {
                            x.direct.round = 0;
                            direct.add(s);
                        }
                    });
        }
        any.forEach(this::again);
        direct.forEach(this::upgradeLater);
    }

    /** What failed may work now: who has no path begins anew, at once. */
    void tryAnew() {
        List<Session> any = new ArrayList<>();
        synchronized (this) {
            all.forEach(
                    (s, x) -> {
                        if (x.any.on && s.state() == PeerState.SUSPENDED) {
                            x.any.round = 0;
                            any.add(s);
                        }
                    });
        }
        any.forEach(this::again);
    }

    synchronized void forget(Session s) {
        Searches gone = all.remove(s);
        if (gone != null) {
            gone.any.stop();
            gone.direct.stop();
        }
    }

    synchronized void close() {
        closed = true;
        all.values()
                .forEach(
                        x -> {
                            x.any.stop();
                            x.direct.stop();
                        });
        all.clear();
    }
}
