// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.ice.IcePairReport.State;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.lib.stun.StunTiming;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One side of one ICE session: RFC 8445, full implementation, regular nomination. Candidates may be
 * added at any time (RFC 8838). Times are nanoseconds of one monotonic clock. Not thread-safe.
 *
 * <p>Local candidates are sockets and relayed addresses; server-reflexive ones are only for the
 * peer to know, since a pair of one is the same as that of its base (section 6.1.2.4). On a
 * selected pair the consent checks are the keepalives.
 */
public final class IceAgent {
    /** Candidates of the peer at most. */
    public static final int MAX_REMOTE = 64;

    private static final int MAX_DATAGRAM = 1_500;
    private static final int MAX_REFUSALS = 100;

    private enum Phase {
        RUNNING,
        COMPLETED,
        OVER
    }

    private final IceSettings settings;
    private final IceSink sink;
    private final long origin;
    private final Messages messages;
    private final Role role;
    private final Guard guard;
    private final CheckList list;
    private final Candidates candidates;
    private final Nomination nomination;
    private final Transactions transactions = new Transactions();
    private final Consent consent;

    private Phase phase = Phase.RUNNING;
    private Pair selected;
    private long nextSlot;
    private int refusals;

    /**
     * Begins.
     *
     * @param controlling the role at first; a conflict may change it
     * @param random unpredictable: for transaction ids and the tie-breaker
     */
    public IceAgent(
            IceSettings settings,
            boolean controlling,
            IceCredentials local,
            IceCredentials remote,
            RandomGenerator random,
            IceSink sink,
            long now) {
        this.settings = settings;
        this.sink = sink;
        origin = now;
        role = new Role(controlling, random.nextLong());
        messages = new Messages(local, remote, random);
        guard = new Guard(settings.unanswered());
        list = new CheckList(settings.pairs(), role);
        candidates = new Candidates(list, sink);
        nomination = new Nomination(settings, list);
        consent = new Consent(settings, random);
    }

    /** Whether this side chooses the pair. */
    public boolean controlling() {
        return role.controlling();
    }

    /** Whether nothing more can happen. */
    public boolean over() {
        return phase == Phase.OVER;
    }

    /**
     * Adds a local end.
     *
     * @param socket a number of its own
     * @param type HOST or RELAYED
     * @param address its own; the wildcard stands for all of its family
     * @param preference local preference, 0 to 65,535
     */
    public void addLocal(
            int socket, CandidateType type, InetSocketAddress address, int preference) {
        if (phase == Phase.RUNNING) {
            candidates.local(new Base(socket, type, address, preference));
        }
    }

    /** Adds a candidate of the peer; one learnt from its checks takes this type and priority. */
    public void addRemote(IceCandidate c) {
        if (phase == Phase.RUNNING) {
            candidates.remote(c);
        }
    }

    /** From now on this side nominates no pair with a relay in it. */
    public void directOnly() {
        nomination.directOnly();
    }

    /** What became of each pair, best first. */
    public List<IcePairReport> pairs() {
        return list.pairs().stream().map(Pair::report).toList();
    }

    /** When {@link #wake} wants to be called, {@link Long#MAX_VALUE} for never. */
    public long wakeAt() {
        if (phase == Phase.OVER) {
            return Long.MAX_VALUE;
        }
        long at = list.pending() ? nextSlot : Long.MAX_VALUE;
        at = Math.min(at, transactions.wakeAt());
        at = Math.min(at, phase == Phase.COMPLETED ? consent.wakeAt() : nominationDue());
        at = Math.min(at, phase == Phase.COMPLETED ? at : patienceEnd());
        return at == Long.MAX_VALUE ? at : origin + at;
    }

    /** Does what is due; may be called early or late. */
    public void wake(long time) {
        if (phase == Phase.OVER) {
            return;
        }
        long now = time - origin;
        Transactions.Due due = transactions.due(now);
        due.send().forEach(c -> transmit(c, now));
        due.over().stream().filter(c -> c.pair.check == c).forEach(c -> failed(c.pair));
        if (phase == Phase.RUNNING && now >= nominationDue()) {
            nomination.begin();
            nextSlot = 0; // it is what all waited for
        }
        if (now >= nextSlot) {
            list.next()
                    .ifPresent(
                            p -> {
                                nextSlot = now + settings.pacing().toNanos();
                                check(p, now);
                            });
        }
        if (phase == Phase.RUNNING && now >= patienceEnd()) {
            phase = Phase.OVER;
            sink.failed();
        } else if (phase == Phase.COMPLETED && consent.lost(now)) {
            phase = Phase.OVER;
            sink.consentLost(selected.path());
        } else if (phase == Phase.COMPLETED && consent.ask(now)) {
            begin(selected, false, new StunTiming(settings.consentInterval(), 1, 2), now);
        }
    }

    /** Ends without a word; nothing is told any more. */
    public void close() {
        phase = Phase.OVER;
    }

    private long nominationDue() {
        return role.controlling() ? nomination.due() : Long.MAX_VALUE;
    }

    private long patienceEnd() {
        return list.anyOpen() || nomination.possible()
                ? Long.MAX_VALUE
                : settings.patience().toNanos();
    }

    private void check(Pair p, long now) {
        cancel(p);
        p.state = State.IN_PROGRESS;
        p.check = begin(p, p.nominate, timing(), now);
    }

    private StunTiming timing() {
        StunTiming t = settings.timing();
        Duration shared = settings.pacing().multipliedBy(list.load()); // RFC 8445 section 14.3
        return shared.compareTo(t.rto()) > 0 ? new StunTiming(shared, t.sends(), t.last()) : t;
    }

    private Check begin(Pair p, boolean nominate, StunTiming timing, long now) {
        StunMessage request = messages.request(p.base, role, nominate);
        Check c = new Check(p, request, role.controlling(), nominate, timing, now);
        transactions.add(c);
        transmit(c, now);
        return c;
    }

    private void transmit(Check c, long now) {
        if (guard.pass(c.pair.to())) {
            c.lastSent = now;
            c.pair.sent++;
            sink.send(c.pair.base.socket(), c.pair.to(), c.request.bytes());
        } else {
            sink.count("ice.unanswered-limit");
        }
    }

    /**
     * Takes a datagram; what is not STUN of this session is counted and dropped.
     *
     * @param socket the number of the local end
     */
    public void receive(long time, int socket, InetSocketAddress from, ByteBuffer datagram) {
        Base base = candidates.base(socket).orElse(null);
        if (phase == Phase.OVER || base == null) {
            return;
        }
        StunMessage m = StunMessage.decode(datagram, MAX_DATAGRAM, false).message().orElse(null);
        if (m == null || m.method() != StunMethod.BINDING || !Base.usable(from)) {
            sink.count("ice.malformed");
            return;
        }
        switch (m.kind()) {
            case REQUEST -> asked(time - origin, base, from, m);
            case SUCCESS, ERROR -> answered(time - origin, base, from, m);
            default -> {} // a keepalive
        }
    }

    private void asked(long now, Base base, InetSocketAddress from, StunMessage m) {
        Optional<StunError> problem = messages.problem(m);
        if (problem.isPresent()) {
            refuse(base, from, m, problem.get());
            return;
        }
        sink.heard(base.socket(), from);
        switch (role.judge(m)) {
            case REFUSE -> {
                answer(base, from, messages.refusal(m, StunError.ROLE_CONFLICT));
                return;
            }
            case SWITCH -> change();
            default -> {} // as it should be
        }
        answer(base, from, messages.success(m, from));
        boolean use = m.has(StunAttributes.USE_CANDIDATE) && !role.controlling();
        candidates.pairOf(base, from, m).ifPresent(p -> triggered(p, use, now));
    }

    /** Never more bytes than came, and not for ever: the source may be forged. */
    private void refuse(Base base, InetSocketAddress to, StunMessage m, StunError why) {
        sink.count("ice.refused");
        StunMessage refusal = messages.refusal(m, why);
        if (refusal.length() <= m.length() && refusals++ < MAX_REFUSALS) {
            sink.send(base.socket(), to, refusal.bytes());
        }
    }

    private void answer(Base base, InetSocketAddress to, StunMessage m) {
        if (guard.pass(to)) {
            sink.send(base.socket(), to, m.bytes());
        } else {
            sink.count("ice.unanswered-limit");
        }
    }

    private void change() {
        if (phase == Phase.RUNNING) {
            sink.count("ice.role-conflict");
            role.change();
            nomination.drop();
            list.sort();
        }
    }

    /**
     * RFC 8445 sections 7.3.1.4 and 7.3.1.5. That the peer's check came through says that ours will
     * now, whatever became of those sent before.
     */
    private void triggered(Pair p, boolean use, long now) {
        p.remoteNominated |= use;
        if (p.asked++ == 0) {
            p.askedAt = now;
        }
        if (p.state == State.SUCCEEDED) {
            if (use) {
                choose(p, now);
            }
            return;
        }
        boolean fresh = p.check != null && p.check.firstSent > p.askedAt;
        if (!fresh && (phase == Phase.RUNNING || use)) {
            cancel(p);
            list.trigger(p, p.nominate);
        }
    }

    private static void cancel(Pair p) {
        if (p.check != null) {
            p.check.cancelled = true;
            p.check = null;
        }
    }

    private void answered(long now, Base base, InetSocketAddress from, StunMessage m) {
        Check c = transactions.find(m).orElse(null);
        if (c == null || !messages.genuine(m)) {
            sink.count(c == null ? "ice.stray-answer" : "ice.forged-answer");
            return;
        }
        transactions.remove(c);
        guard.answered(from);
        if (m.kind() == StunClass.ERROR) {
            refused(c, m);
            return;
        }
        Pair p = c.pair;
        Optional<InetSocketAddress> mapped = m.get(StunAttributes.XOR_MAPPED_ADDRESS);
        if (!from.equals(p.to()) || base.socket() != p.base.socket() || mapped.isEmpty()) {
            sink.count("ice.asymmetric");
            if (p.check == c) {
                failed(p); // RFC 8445 section 7.2.5.2.1
            }
            return;
        }
        p.mapped = mapped.get();
        p.rtt = Math.max(1, now - c.lastSent);
        if (p == selected) {
            consent.given(now);
        }
        succeeded(c, now);
    }

    private void refused(Check c, StunMessage m) {
        int code = m.get(StunAttributes.ERROR_CODE).map(StunError::code).orElse(0);
        boolean current = c.pair.check == c;
        if (code != StunError.ROLE_CONFLICT.code()) {
            if (current) {
                failed(c.pair);
            }
            return;
        }
        if (c.controlling == role.controlling()) {
            change();
        }
        if (current) {
            c.pair.check = null;
            list.trigger(c.pair, true);
        }
    }

    private void succeeded(Check c, long now) {
        Pair p = c.pair;
        if (p.state == State.SKIPPED && !p.remoteNominated) {
            return;
        }
        if (nomination.of(p) && !c.nominating) {
            return; // an earlier check of it; the one that nominates is under way
        }
        if (role.controlling() && p != selected && !sink.free(p.path())) {
            cancel(p);
            failed(p);
            return;
        }
        cancel(p);
        list.succeeded(p);
        if (p.validAt == 0) {
            p.validAt = Math.max(1, now);
            list.thaw(p.foundation());
            sink.valid(p.path());
        }
        if (c.nominating ? role.controlling() : p.remoteNominated && !role.controlling()) {
            choose(p, now);
        }
    }

    private void failed(Pair p) {
        p.check = null;
        p.state = State.FAILED;
        if (nomination.of(p)) {
            nomination.drop();
        }
    }

    private void choose(Pair p, long now) {
        if (selected != null && list.priority(p) <= list.priority(selected)) {
            return;
        }
        selected = p;
        if (phase == Phase.RUNNING) {
            phase = Phase.COMPLETED;
            list.conclude(p);
        }
        consent.begin(now);
        sink.nominated(p.path());
    }
}
