// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import dev.karst.lib.stun.StunTiming;
import dev.karst.lib.stun.StunTransaction;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One allocation at a relay, RFC 8656, kept alive until it is closed: refreshed at half its
 * lifetime but at least every {@value #KEEP_SECONDS} s, which also keeps the mapping in a NAT. A
 * relay that was restarted throws away what it is sent and says nothing: who sends and hears
 * nothing asks at once. Has no clock, thread or socket; not thread-safe.
 */
public final class TurnClient {
    static final int KEEP_SECONDS = 25;

    private static final long SECOND = 1_000_000_000L;
    private static final int UDP = 17;

    /** Sent at 0, 0.5, 1.5, 3.5 and 7.5 s; given up at 11.5 s. */
    private static final StunTiming OVER_UDP = new StunTiming(Duration.ofMillis(500), 5, 8);

    /** Sent at 0, 0.5, 1.5, 2.5, 3.5 and 4.5 s; given up at 5.5 s: it may just be restarting. */
    private static final StunTiming FIRST =
            new StunTiming(Duration.ofMillis(500), 6, 2, Duration.ofSeconds(1));

    private static final StunTiming OVER_TCP = new StunTiming(Duration.ofMillis(11_500), 1, 1);
    private static final StunTiming LAST_WORD = new StunTiming(Duration.ofMillis(200), 3, 2);

    private final Setup setup;
    private final Events events;
    private final LongTerm credential;
    private final Map<ByteBuffer, Transaction> pending = new HashMap<>();
    private final Peers peers;
    private State state = State.NEW;
    private long refreshAt = Long.MAX_VALUE;
    private boolean refreshing;
    private final Doubt doubt = new Doubt(KEEP_SECONDS * SECOND);

    private enum State {
        NEW,
        ASKING,
        ALLOCATED,
        OVER
    }

    /** Where random bytes come from. */
    @FunctionalInterface
    public interface Ids {
        /** Fills it with what nobody can guess. */
        void fill(byte[] id);
    }

    /**
     * What to allocate.
     *
     * @param account name and password
     * @param four whether the relayed address is IPv4
     * @param stream whether the way to the relay is a byte stream
     * @param ids of transactions
     */
    public record Setup(RestCredential account, boolean four, boolean stream, Ids ids) {}

    /** What comes of it; called during calls of the client. */
    public interface Events {
        /** Sends to the relay; takes the bytes before it returns. */
        void send(ByteBuffer message);

        /** Sends two parts as one message; takes the bytes before it returns. */
        boolean send(ByteBuffer head, ByteBuffer data);

        /** There is a relayed address. */
        void allocated(InetSocketAddress relayed, Optional<InetSocketAddress> mapped);

        /** The last event: there is none, or no more. */
        void over(TurnFailure why);

        /** Something to count, such as {@code relay.bound}. */
        void count(String what);
    }

    /**
     * Largest datagram. What is sent over UDP in the end is at most 65,507 bytes, and coturn loses
     * the thread of a stream whose messages are near 64 KiB.
     */
    public static final int MAX_DATA = 60_000;

    /** A client; see {@link #start}. */
    public TurnClient(Setup setup, Events events) {
        this.setup = setup;
        this.events = events;
        this.credential = new LongTerm(setup.account());
        this.peers = new Peers(this, events);
    }

    /** Asks for an address. */
    public void start(long now) {
        state = State.ASKING;
        request(
                StunMethod.ALLOCATE,
                setup.stream() ? OVER_TCP : FIRST,
                b -> {
                    b.with(StunAttributes.REQUESTED_TRANSPORT, UDP);
                    // Left out for IPv4: old relays do not know it.
                    return setup.four() ? b : b.with(StunAttributes.REQUESTED_ADDRESS_FAMILY, 2);
                },
                this::allocated,
                this::end,
                now);
    }

    /** Whether the relay said anything yet. */
    public boolean answered() {
        return credential.challenged() || state != State.ASKING;
    }

    private void allocated(StunMessage m, long now) {
        Optional<InetSocketAddress> relayed = m.get(StunAttributes.XOR_RELAYED_ADDRESS);
        if (relayed.isEmpty() || relayed.get().getPort() == 0) {
            end(new TurnFailure(0, "an answer without an address"));
            return;
        }
        state = State.ALLOCATED;
        keep(m, now);
        events.allocated(relayed.get(), m.get(StunAttributes.XOR_MAPPED_ADDRESS));
    }

    private void keep(StunMessage m, long now) {
        long lifetime = m.get(StunAttributes.LIFETIME).orElse(600L);
        refreshAt = now + Math.max(1, Math.min(lifetime / 2, KEEP_SECONDS)) * SECOND;
        refreshing = false;
    }

    private void ask(long now) {
        request(
                StunMethod.REFRESH,
                setup.stream() ? OVER_TCP : Doubt.TIMING,
                b -> b,
                (m, at) -> {
                    keep(m, at);
                    doubt.dispelled();
                },
                why -> {
                    if (why.code() != 0) { // others are on their way
                        end(why);
                    }
                },
                now);
    }

    private void refresh(long now) {
        refreshing = true;
        request(StunMethod.REFRESH, timing(), b -> b, this::keep, this::end, now);
    }

    /** Gives the address back; {@link Events#over} is told when the relay knows, or soon. */
    public void close(long now) {
        // A proven Allocate may be answered yet, and would be nobody's: it is given back, too.
        boolean mayHave = state == State.ASKING && credential.challenged();
        if (state != State.ALLOCATED && !mayHave) {
            end(new TurnFailure(0, "closed"));
            return;
        }
        state = State.OVER;
        pending.clear();
        peers.end(new TurnFailure(0, "closed"));
        request(
                StunMethod.REFRESH,
                setup.stream() ? OVER_TCP : LAST_WORD,
                b -> b.with(StunAttributes.LIFETIME, 0L),
                (m, at) -> events.over(new TurnFailure(0, "closed")),
                events::over,
                now);
    }

    /** The way to the relay is broken. */
    public void broken(String why) {
        end(new TurnFailure(0, why));
    }

    private void end(TurnFailure why) {
        if (state != State.OVER) {
            state = State.OVER;
            pending.clear();
            peers.end(why);
            events.over(why);
        }
    }

    /**
     * Sends a datagram to a peer.
     *
     * @return false when it was dropped: the relay refuses that peer, or there is no address
     */
    public boolean send(InetSocketAddress peer, ByteBuffer data, long now) {
        if (data.remaining() > MAX_DATA) {
            events.count("relay.too-large");
            return false;
        }
        if (state != State.ALLOCATED || !peers.send(peer, data, now)) {
            return false;
        }
        doubt.sent(now);
        return true;
    }

    /**
     * Lets datagrams of that address in until the end.
     *
     * @param done told nothing if they are, else why not
     */
    public void permit(InetAddress peer, Consumer<Optional<TurnFailure>> done, long now) {
        if (state == State.ALLOCATED) {
            peers.permit(peer, done, now);
        } else {
            done.accept(Optional.of(new TurnFailure(0, "closed")));
        }
    }

    /**
     * Takes a datagram of the relay, or a message or channel data of its stream. Never throws for
     * what is in it.
     */
    public Optional<TurnData> received(ByteBuffer in, long now) {
        if (in.remaining() >= 4 && (in.get(in.position()) & 0xc0) == 0x40) {
            return heard(peers.channelData(in, now));
        }
        Optional<StunMessage> m = StunMessage.decode(in).message();
        if (m.isEmpty()) {
            events.count("relay.malformed");
            return Optional.empty();
        }
        if (m.get().kind() == StunClass.INDICATION && m.get().method() == StunMethod.DATA) {
            return heard(peers.indication(m.get()));
        }
        Transaction t = pending.get(ByteBuffer.wrap(m.get().transactionId()));
        if (t == null || !m.get().answers(t.message)) {
            events.count("relay.unexpected");
        } else {
            answer(t, m.get(), now);
        }
        return Optional.empty();
    }

    private Optional<TurnData> heard(Optional<TurnData> data) {
        if (data.isPresent()) {
            doubt.heard();
        }
        return data;
    }

    private void answer(Transaction t, StunMessage m, long now) {
        Optional<StunError> error = m.get(StunAttributes.ERROR_CODE);
        boolean success = m.kind() == StunClass.SUCCESS;
        // Errors may come without proof; who can forge one is on the way and could as well drop.
        if (!success && error.isEmpty() || !credential.proven(m, success)) {
            events.count("relay.unproven");
            return;
        }
        pending.remove(ByteBuffer.wrap(m.transactionId()));
        if (success) {
            t.success.accept(m, now);
            return;
        }
        int code = error.get().code();
        boolean ask = code == 438 || code == 401 && !t.sealed;
        if (ask && t.again() && challenge(m)) {
            begin(t, now);
        } else if (code == 437 && state == State.ALLOCATED) {
            end(new TurnFailure(code, "it does not know the allocation any more"));
        } else if (code == 401) {
            t.failure.accept(new TurnFailure(code, "it refuses the credentials"));
        } else {
            t.failure.accept(new TurnFailure(code, code + " " + printable(error.get().reason())));
        }
    }

    private boolean challenge(StunMessage m) {
        try {
            return credential.challenge(m);
        } catch (IllegalArgumentException e) { // a realm with forbidden characters
            return false;
        }
    }

    /** Others' text that goes into messages and logs. */
    private static String printable(String text) {
        String out = text.replaceAll("[^\\x20-\\x7e]", "?");
        return out.length() > 80 ? out.substring(0, 80) : out;
    }

    StunTiming timing() {
        return setup.stream() ? OVER_TCP : OVER_UDP;
    }

    boolean stream() {
        return setup.stream();
    }

    byte[] id() {
        byte[] id = new byte[12];
        setup.ids().fill(id);
        return id;
    }

    void request(
            int method,
            StunTiming timing,
            UnaryOperator<StunMessageBuilder> content,
            BiConsumer<StunMessage, Long> success,
            Consumer<TurnFailure> failure,
            long now) {
        begin(new Transaction(method, timing, content, success, failure), now);
    }

    private void begin(Transaction t, long now) {
        StunMessageBuilder b = StunMessage.builder(StunClass.REQUEST, t.method, id());
        t.sealed = credential.challenged();
        t.message = credential.seal(t.content.apply(b));
        t.sending = new StunTransaction(t.timing, now);
        t.wakeAt = now;
        pending.put(ByteBuffer.wrap(t.message.transactionId()), t);
        step(t, now);
    }

    private void step(Transaction t, long now) {
        StunTransaction.Step s = t.sending.step(now);
        t.wakeAt = s.wakeAt();
        switch (s.action()) {
            case SEND -> events.send(ByteBuffer.wrap(t.message.bytes()));
            case GIVE_UP -> {
                pending.remove(ByteBuffer.wrap(t.message.transactionId()));
                t.failure.accept(TurnFailure.SILENT);
            }
            case WAIT -> {}
        }
    }

    /** When to call {@link #wake}; changes with every call. */
    public Optional<Long> wakeAt() {
        Long next = null;
        for (Transaction t : pending.values()) {
            next = next == null || t.wakeAt - next < 0 ? t.wakeAt : next;
        }
        if (state == State.ALLOCATED) {
            long own = peers.wakeAt(refreshing ? Optional.empty() : Optional.of(refreshAt));
            next = next == null || own - next < 0 ? own : next;
            Optional<Long> asking = doubt.wakeAt();
            next = asking.isPresent() && asking.get() - next < 0 ? asking.get() : next;
        }
        return Optional.ofNullable(next);
    }

    /** Does what is due. */
    public void wake(long now) {
        List<Transaction> due = new ArrayList<>(pending.values());
        due.removeIf(t -> t.wakeAt - now > 0);
        due.forEach(t -> step(t, now));
        if (state == State.ALLOCATED && !refreshing && refreshAt - now <= 0) {
            refresh(now);
        }
        if (state == State.ALLOCATED) {
            peers.wake(now);
        }
        if (state == State.ALLOCATED) {
            switch (doubt.wake(now)) {
                case ASK -> ask(now);
                case GIVE_UP -> end(TurnFailure.SILENT);
                case WAIT -> {}
            }
        }
    }
}
