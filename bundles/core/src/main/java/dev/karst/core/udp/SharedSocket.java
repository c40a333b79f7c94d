// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import dev.karst.core.Counters;
import dev.karst.core.udp.Stun.Kind;
import dev.karst.core.udp.Stun.Transaction;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A UDP socket, or an address at a relay, shared by all who must leave by the same port. What
 * arrives is given to whom it is meant for: STUN answers to who asked, STUN requests to the attempt
 * they name, all else by its source; the rest is counted and dropped. Thread-safe.
 */
public final class SharedSocket implements UdpSocket.Handler {
    private static final int PENDING = 1024;
    private static final long SILENT_NANOS = 500_000_000L;

    /** Datagrams that come before their flow was made: the peer may be a little faster. */
    private static final int EARLY_REMOTES = 16;

    private static final int EARLY_EACH = 8;

    private record Asked(View by, InetSocketAddress to) {}

    private final UdpSocket socket;
    private final Counters counters;
    private final Consent consent;
    private final Map<String, View> users = new HashMap<>(); // guarded by this, like the rest
    private final Map<InetSocketAddress, Flow> flows = new HashMap<>();
    private final Map<InetSocketAddress, List<byte[]>> early = bounded(EARLY_REMOTES);

    /** Requests that wait for an answer. */
    private final Map<Transaction, Asked> pending = bounded(PENDING);

    private InetAddress spread;
    private boolean over;

    /**
     * @param consent of the whole node
     */
    public SharedSocket(UdpSocket socket, Consent consent, Counters counters) {
        this.socket = socket;
        this.consent = consent;
        this.counters = counters;
        socket.start(this);
    }

    /** Forgets the oldest when there are too many. */
    private static <K, V> Map<K, V> bounded(int most) {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }

    public InetSocketAddress local() {
        return socket.local();
    }

    /** A view that sends STUN requests and is told the answers to them, from wherever they come. */
    public UdpSocket stun() {
        return new View(this, "");
    }

    /**
     * Allows attempts to send much to one address before it answers: where servers saw the peer's
     * NAT. For a socket that is one attempt's.
     *
     * @param where null = nowhere
     */
    public synchronized void spread(InetAddress where) {
        spread = where;
    }

    /**
     * A view for an attempt, that is told the requests to this user, too.
     *
     * @throws IllegalStateException if there is such a user
     */
    public UdpSocket punch(String user) {
        View v = new View(this, user);
        synchronized (this) {
            if (users.putIfAbsent(user, v) != null) {
                throw new IllegalStateException("another attempt has this name: " + user);
            }
        }
        return v;
    }

    /**
     * What comes from one place, but for STUN. An older flow is over if nothing came yet, or for
     * half a second: the peer has just shown that it is there, so that path is dead.
     *
     * @throws IllegalStateException if somebody has it already, nothing there answered our checks,
     *     or the socket is over
     */
    public Flow flow(InetSocketAddress remote) {
        List<byte[]> first;
        Flow f;
        Flow dead;
        if (!consent.given(remote)) {
            throw new IllegalStateException("nobody answered yet at " + remote);
        }
        long now = consent.now();
        synchronized (this) {
            dead = flows.get(remote);
            if (over || dead != null && !dead.silent(now - SILENT_NANOS)) {
                throw new IllegalStateException(
                        over ? "the socket is closed" : "another path uses " + remote);
            }
            first = early.remove(remote);
            f = new Flow(this, remote, first == null ? List.of() : first, now);
            flows.put(remote, f);
        }
        if (dead != null) {
            dead.ended();
        }
        return f;
    }

    /** Whether {@link #flow} refuses that place because a path lives there. */
    public synchronized boolean taken(InetSocketAddress remote) {
        Flow f = flows.get(remote);
        return f != null && !f.silent(consent.now() - SILENT_NANOS);
    }

    public void close() {
        socket.close();
    }

    /** Whether it can be used no more. */
    public synchronized boolean isOver() {
        return over;
    }

    /** Whether no attempt and no path uses it. */
    public synchronized boolean isIdle() {
        return users.isEmpty() && flows.isEmpty();
    }

    // --- in

    @Override
    public void datagram(InetSocketAddress from, ByteBuffer bytes) {
        switch (Stun.kind(bytes)) {
            case RESPONSE -> answer(from, bytes);
            case REQUEST -> request(from, bytes);
            case INDICATION -> counters.add("udp.stun-indication"); // keeps a NAT's mapping alive
            default -> data(from, bytes);
        }
    }

    private void answer(InetSocketAddress from, ByteBuffer bytes) {
        Transaction t = Stun.transaction(bytes);
        Asked asked;
        synchronized (this) {
            asked = pending.get(t);
            if (asked != null && asked.by.punches()) {
                pending.remove(t); // one answer; a detector's may come from several addresses
            }
        }
        if (asked == null) {
            counters.add("udp.stray-stun");
            return;
        }
        // From elsewhere it proves nothing: the source may be forged, to have somebody flooded.
        if (asked.by.punches() && Stun.success(bytes) && from.equals(asked.to)) {
            consent.answered(from);
        }
        asked.by.tell(from, bytes);
    }

    private void request(InetSocketAddress from, ByteBuffer bytes) {
        View view;
        synchronized (this) {
            view = users.get(Stun.user(bytes));
        }
        if (view == null) {
            counters.add("udp.unclaimed-stun");
        } else {
            view.tell(from, bytes);
        }
    }

    private void data(InetSocketAddress from, ByteBuffer bytes) {
        Flow flow;
        synchronized (this) {
            flow = flows.get(from);
            if (flow == null && consent.given(from)) {
                List<byte[]> list = early.computeIfAbsent(from, k -> new ArrayList<>());
                if (list.size() < EARLY_EACH) {
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    list.add(copy);
                    return;
                }
            }
        }
        if (flow == null) {
            counters.add("udp.unclaimed");
        } else {
            flow.tell(bytes, consent.now());
        }
    }

    @Override
    public void closed() {
        List<Flow> ended;
        List<View> views;
        synchronized (this) {
            over = true;
            pending.clear();
            early.clear();
            ended = new ArrayList<>(flows.values());
            views = new ArrayList<>(users.values());
            flows.clear();
            users.clear();
        }
        ended.forEach(Flow::ended);
        views.forEach(View::close);
    }

    // --- for views and flows

    void count(String name) {
        counters.add(name);
    }

    /** STUN only, and not too much to those who never answered. */
    boolean send(View by, InetSocketAddress to, ByteBuffer datagram) {
        Kind kind = Stun.kind(datagram);
        if (kind == Kind.NONE || !by.punches() && kind != Kind.REQUEST) {
            counters.add("udp.not-stun");
            return false;
        }
        // Detectors ask servers that the operator named; attempts, places that others named.
        if (by.punches() && !consent.spend(to, spreads(to))) {
            counters.add("udp.no-consent");
            return false;
        }
        if (kind == Kind.REQUEST) {
            Transaction t = Stun.transaction(datagram);
            synchronized (this) {
                pending.remove(t);
                pending.put(t, new Asked(by, to));
            }
        }
        return socket.send(to, datagram);
    }

    private synchronized boolean spreads(InetSocketAddress to) {
        return to.getAddress().equals(spread);
    }

    boolean send(Flow by, ByteBuffer datagram) {
        return socket.send(by.remote(), datagram);
    }

    synchronized void leave(View v) {
        users.remove(v.user, v);
        pending.values().removeIf(x -> x.by == v);
    }

    synchronized void leave(Flow f) {
        flows.remove(f.remote(), f);
    }
}
