// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.PeerId;
import dev.karst.core.identity.SignalBox.Message;
import dev.karst.core.identity.SignalBox.Signal;
import dev.karst.core.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Our part in the attempts of others: for each peer the latest one, under its id. A repeated offer
 * changes nothing. Thread-safe.
 */
final class Responses {
    private static final int MOST = 128;

    /** The other side may have chosen another of our paths, and says so meanwhile. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private record Response(String attempt, Race race, Mail mail) {}

    private final Connector connector;
    private final Map<PeerId, Response> running = new HashMap<>(); // guarded by this
    private boolean closed;

    Responses(Connector connector) {
        this.connector = connector;
    }

    /** The peer wants to reach us: our strategies take part. */
    void respond(Signal offer) {
        PeerId peer = offer.from().id();
        Mail mail =
                new Mail(m -> connector.post(offer.from(), offer.attempt(), m), connector.counters);
        ReportBuilder report = new ReportBuilder(connector.world, peer);
        Response mine = new Response(offer.attempt(), connector.newRace(report), mail);
        Response old;
        synchronized (this) {
            old = running.get(peer);
            if (closed || old != null && old.attempt.equals(offer.attempt())) {
                return;
            }
            if (old == null && running.size() >= MOST) {
                connector.counters.add("attempt.too-many");
                return;
            }
            running.put(peer, mine);
        }
        if (old != null) {
            old.race.cancel();
        }
        connector.sessions.find(peer).ifPresent(Session::probe);
        Places own = connector.places;
        Terms terms =
                new Terms(
                        offer.attempt(),
                        false,
                        own.candidates(),
                        offer.from().candidates(),
                        own.natProfile(),
                        offer.content().nat(),
                        !offer.content().directOnly());
        if (terms.relay()) {
            connector.prepareRelay(peer, terms.remoteNat());
        }
        mine.race.run(offer.from(), terms, mail, Race.Kind.ALL);
        mine.race
                .ended()
                .thenAccept(
                        direct -> {
                            boolean latest;
                            synchronized (this) {
                                latest = running.remove(peer, mine);
                            }
                            if (latest) {
                                connector.responded(peer);
                            }
                        });
    }

    /** Whether we take part in an attempt of this peer. */
    synchronized boolean responding(PeerId peer) {
        return running.containsKey(peer);
    }

    /** The peer takes part in an attempt of ours instead. */
    void cancel(PeerId peer) {
        Response r;
        synchronized (this) {
            r = running.get(peer);
        }
        if (r != null) {
            r.race.cancel();
        }
    }

    /** A direct path stands: what still looks for one is called off, a moment later. */
    void connected(PeerId peer) {
        Response r;
        synchronized (this) {
            r = running.get(peer);
        }
        if (r != null) {
            connector.world.after(GRACE, r.race::cancel);
        }
    }

    /** False if there is no such attempt. */
    boolean message(PeerId from, String attempt, Message m) {
        Response r;
        synchronized (this) {
            r = running.get(from);
        }
        if (r == null || !r.attempt.equals(attempt)) {
            return false;
        }
        r.mail.received(m);
        return true;
    }

    void close() {
        List<Response> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(running.values());
            running.clear();
        }
        all.forEach(r -> r.race.cancel());
    }
}
