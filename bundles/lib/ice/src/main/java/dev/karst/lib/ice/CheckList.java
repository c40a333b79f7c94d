// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.ice.IcePairReport.State;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The pairs, best first, and which is to be checked next: RFC 8445 sections 6.1.2 and 6.1.4. */
final class CheckList {
    private final int most;
    private final Role role;
    private final List<Pair> pairs = new ArrayList<>();
    private final Deque<Pair> triggered = new ArrayDeque<>();

    CheckList(int most, Role role) {
        this.most = most;
        this.role = role;
    }

    long priority(Pair p) {
        return p.priority(role.controlling());
    }

    List<Pair> pairs() {
        return pairs;
    }

    /** After the role or a priority changed. */
    void sort() {
        pairs.sort(Comparator.comparingLong(this::priority).reversed());
    }

    Optional<Pair> find(int socket, InetSocketAddress remote) {
        return pairs.stream()
                .filter(p -> p.base.socket() == socket && p.to().equals(remote))
                .findFirst();
    }

    /**
     * Adds a pair; where there are too many, the worst that was not tried goes.
     *
     * @return nothing if this is the worst
     */
    Optional<Pair> add(Base base, Remote remote) {
        Pair p = new Pair(base, remote);
        if (pairs.size() >= most && !makeRoom(p)) {
            return Optional.empty();
        }
        // RFC 8838 section 12: what failed or succeeded with that foundation says nothing against
        // a first try; what is under way is waited for.
        boolean busy =
                pairs.stream()
                        .anyMatch(
                                o ->
                                        o.foundation().equals(p.foundation())
                                                && (o.state == State.WAITING
                                                        || o.state == State.IN_PROGRESS));
        p.state = busy ? State.FROZEN : State.WAITING;
        pairs.add(p);
        sort();
        return Optional.of(p);
    }

    private boolean makeRoom(Pair better) {
        for (int i = pairs.size() - 1; i >= 0; i--) {
            Pair p = pairs.get(i);
            if (p.sent == 0 && !triggered.contains(p) && priority(p) < priority(better)) {
                pairs.remove(i);
                return true;
            }
        }
        return false;
    }

    /** Asks for a check of that pair before the ordinary ones. */
    void trigger(Pair p, boolean first) {
        triggered.remove(p);
        p.state = State.WAITING;
        if (first) {
            triggered.addFirst(p);
        } else {
            triggered.addLast(p);
        }
    }

    /** Whether {@link #next} would give something. */
    boolean pending() {
        return !triggered.isEmpty()
                || pairs.stream().anyMatch(p -> p.state == State.WAITING)
                || thawable().isPresent();
    }

    Optional<Pair> next() {
        Pair t = triggered.poll();
        if (t != null) {
            return Optional.of(t);
        }
        Optional<Pair> waiting = pairs.stream().filter(p -> p.state == State.WAITING).findFirst();
        return waiting.isPresent() ? waiting : thawable();
    }

    /** The best frozen pair of whose foundation nothing is under way. */
    private Optional<Pair> thawable() {
        Set<String> busy = new HashSet<>();
        for (Pair p : pairs) {
            if (p.state == State.WAITING || p.state == State.IN_PROGRESS) {
                busy.add(p.foundation());
            }
        }
        return pairs.stream()
                .filter(p -> p.state == State.FROZEN && !busy.contains(p.foundation()))
                .findFirst();
    }

    /** It needs no check any more, even if one was asked for. */
    void succeeded(Pair p) {
        triggered.remove(p);
        p.state = State.SUCCEEDED;
    }

    void thaw(String foundation) {
        for (Pair p : pairs) {
            if (p.state == State.FROZEN && p.foundation().equals(foundation)) {
                p.state = State.WAITING;
            }
        }
    }

    /** Waiting and in progress: how many share the pace. */
    int load() {
        return (int)
                pairs.stream()
                        .filter(p -> p.state == State.WAITING || p.state == State.IN_PROGRESS)
                        .count();
    }

    Optional<Pair> best() {
        return pairs.stream().filter(p -> p.state == State.SUCCEEDED).findFirst();
    }

    /** Whether one that ranks before it may still turn out valid. */
    boolean betterOpen(Pair than) {
        for (Pair p : pairs) {
            if (p == than) {
                return false;
            }
            if (p.open()) {
                return true;
            }
        }
        return false;
    }

    boolean anyOpen() {
        return pairs.stream().anyMatch(Pair::open);
    }

    /** One was chosen: the others are tried no more (RFC 8445 section 8.1.2). */
    void conclude(Pair chosen) {
        triggered.clear();
        for (Pair p : pairs) {
            if (p != chosen && p.open()) {
                p.state = State.SKIPPED;
                if (p.check != null) {
                    p.check.cancelled = true;
                    p.check = null;
                }
            }
        }
    }
}
