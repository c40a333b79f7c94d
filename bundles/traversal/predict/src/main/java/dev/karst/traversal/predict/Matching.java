// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Connectivity checks of one round, without I/O: STUN binding requests signed by a key of the
 * attempt, as in ICE. The initiator takes the first pair that answered and says so (USE-CANDIDATE)
 * until that is answered, too; the other side follows once it has an answer of its own there. Times
 * are nanoseconds. Not thread-safe.
 */
final class Matching {
    private static final int MAX_DATAGRAM = 548;
    private static final int ASKED = 2_048;
    private static final int PAIRS = 32;
    private static final int REPEATS = 12;
    private static final long REPEAT = 120_000_000L;
    private static final int ID = 12;

    /** Who acts on it. */
    interface Sink {
        void send(int socket, InetSocketAddress to, byte[] stun);

        /** The peer's check came from there. */
        void heard(int socket, InetSocketAddress from);

        /** Our check was answered from there. */
        void valid(int socket, InetSocketAddress to);

        /** Both sides have this pair. From then on only the peer's checks are answered. */
        void won(int socket, InetSocketAddress to);

        void count(String what);
    }

    private record Pair(int socket, InetSocketAddress to) {}

    private static final class State {
        boolean valid;
        boolean nominated;
        boolean nominating;
        int sent;
        long next = Long.MAX_VALUE;
    }

    private record Asked(Pair pair, boolean nominating) {}

    private final boolean initiator;
    private final String outgoing;
    private final String incoming;
    private final byte[] ownKey;
    private final byte[] peerKey;
    private final RandomGenerator random;
    private final Sink sink;
    private final Map<ByteBuffer, Asked> asked =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Asked> eldest) {
                    return size() > ASKED;
                }
            };
    private final Map<Pair, State> pairs = new HashMap<>();
    private boolean chosen;
    private boolean over;

    Matching(
            boolean initiator,
            Credentials own,
            Credentials peer,
            RandomGenerator random,
            Sink sink) {
        this.initiator = initiator;
        this.outgoing = peer.user() + ":" + own.user();
        this.incoming = own.user() + ":" + peer.user();
        this.ownKey = own.key();
        this.peerKey = peer.key();
        this.random = random;
        this.sink = sink;
    }

    /** Sends one check. */
    void probe(int socket, InetSocketAddress to) {
        if (!over) {
            ask(new Pair(socket, to), false);
        }
    }

    /** Whether checks came through, or were answered: it is worth waiting a little. */
    boolean hopeful() {
        return !pairs.isEmpty();
    }

    private void ask(Pair p, boolean nominating) {
        byte[] id = new byte[ID];
        random.nextBytes(id);
        asked.put(ByteBuffer.wrap(id), new Asked(p, nominating));
        StunMessageBuilder b =
                StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id)
                        .with(StunAttributes.USERNAME, outgoing);
        if (nominating) {
            b.with(StunAttributes.USE_CANDIDATE, true);
        }
        sink.send(p.socket, p.to, b.integrity(peerKey).fingerprint().build().bytes());
    }

    /** When {@link #wake} wants to be called; {@link Long#MAX_VALUE} for never. */
    long wakeAt() {
        return over
                ? Long.MAX_VALUE
                : pairs.values().stream().mapToLong(s -> s.next).min().orElse(Long.MAX_VALUE);
    }

    void wake(long now) {
        for (Map.Entry<Pair, State> e : Map.copyOf(pairs).entrySet()) {
            if (!over && e.getValue().next <= now) {
                again(e.getKey(), e.getValue(), now);
            }
        }
    }

    private void again(Pair p, State s, long now) {
        if (s.sent == REPEATS) {
            s.next = Long.MAX_VALUE;
            return;
        }
        s.sent++;
        s.next = now + REPEAT;
        ask(p, s.nominating);
    }

    /** Takes a datagram; what is not of this round is counted and dropped. */
    void receive(long now, int socket, InetSocketAddress from, ByteBuffer datagram) {
        StunMessage m = StunMessage.decode(datagram, MAX_DATAGRAM, false).message().orElse(null);
        if (m == null || m.method() != StunMethod.BINDING) {
            sink.count("predict.malformed");
            return;
        }
        switch (m.kind()) {
            case REQUEST -> request(now, new Pair(socket, from), m);
            case SUCCESS -> answer(now, new Pair(socket, from), m);
            default -> {} // a peer of this kind sends none
        }
    }

    private void request(long now, Pair p, StunMessage m) {
        boolean genuine =
                m.fingerprint()
                        && m.get(StunAttributes.USERNAME).filter(incoming::equals).isPresent()
                        && m.integrity(ownKey);
        State s = genuine ? state(p) : null;
        if (s == null) {
            sink.count("predict.refused");
            return;
        }
        sink.send(
                p.socket,
                p.to,
                m.reply(StunClass.SUCCESS)
                        .with(StunAttributes.XOR_MAPPED_ADDRESS, p.to)
                        .integrity(ownKey)
                        .fingerprint()
                        .build()
                        .bytes());
        if (over) {
            return; // the peer may need our answer still
        }
        if (s.next == Long.MAX_VALUE && !s.valid && s.sent == 0) {
            sink.heard(p.socket, p.to);
            again(p, s, now); // that it came through says that ours will, now
        }
        if (m.has(StunAttributes.USE_CANDIDATE) && !initiator) {
            s.nominated = true;
            if (s.valid) {
                won(p);
            }
        }
    }

    private void answer(long now, Pair from, StunMessage m) {
        Asked a = asked.get(ByteBuffer.wrap(Arrays.copyOf(m.transactionId(), ID)));
        if (a == null || !a.pair.equals(from) || !m.integrity(peerKey)) {
            sink.count(a == null ? "predict.stray" : "predict.forged");
            return;
        }
        State s = over ? null : state(from);
        if (s == null) {
            return;
        }
        if (!s.valid) {
            s.valid = true;
            s.next = Long.MAX_VALUE;
            sink.valid(from.socket, from.to);
        }
        if (initiator && !chosen) {
            chosen = true;
            s.nominating = true;
            s.sent = 0;
            again(from, s, now);
        } else if (initiator ? a.nominating : s.nominated) {
            won(from);
        }
    }

    private State state(Pair p) {
        return pairs.containsKey(p) || pairs.size() < PAIRS
                ? pairs.computeIfAbsent(p, x -> new State())
                : null;
    }

    private void won(Pair p) {
        over = true;
        sink.won(p.socket, p.to);
    }
}
