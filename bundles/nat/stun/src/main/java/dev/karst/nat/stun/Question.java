// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.Subscription;
import dev.karst.lib.stun.ChangeRequest;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A binding request, repeated until it is answered or given up; told once. Each repetition is a
 * transaction of its own, so that an answer tells which of them it is for: that gives a true round
 * trip time, and whether the NAT saw the first.
 */
final class Question {
    private final Run run;
    private final StunSocket socket;
    private final What what;
    private final Pace pace;
    private final Told told;
    private final Map<ByteBuffer, Long> sent = new HashMap<>();
    private ByteBuffer firstId;
    private Subscription timer = () -> {};
    private boolean over;

    /**
     * What is asked.
     *
     * @param change from where the answer shall come, if not from {@code to}
     * @param responsePort the external port where the answer shall go, 0 = to the sender
     * @param at the socket behind that port
     */
    record What(
            InetSocketAddress to,
            Optional<ChangeRequest> change,
            int responsePort,
            Optional<StunSocket> at) {
        static What binding(InetSocketAddress to) {
            return new What(to, Optional.empty(), 0, Optional.empty());
        }

        static What change(InetSocketAddress to, boolean ip) {
            return new What(to, Optional.of(new ChangeRequest(ip, true)), 0, Optional.empty());
        }

        static What respondTo(InetSocketAddress to, int port, StunSocket at) {
            return new What(to, Optional.empty(), port, Optional.of(at));
        }
    }

    /**
     * How often and when; nanoseconds.
     *
     * @param tries how often it is sent
     * @param gap before the first repetition
     * @param factor each next gap is that much longer
     * @param last how long an answer may still come after the last
     */
    record Pace(int tries, long gap, int factor, long last) {
        static Pace of(Server s, int tries) {
            return new Pace(tries, s.patience(), 1, s.patience());
        }
    }

    /** Told once: the answer, or empty if none came. */
    @FunctionalInterface
    interface Told {
        void answer(Optional<Answer> answer);
    }

    Question(Run run, StunSocket socket, What what, Pace pace, Told told) {
        this.run = run;
        this.socket = socket;
        this.what = what;
        this.pace = pace;
        this.told = told;
    }

    void begin() {
        send(pace.gap());
    }

    private void send(long gap) {
        byte[] id = new byte[12];
        run.scope().secureRandom().nextBytes(id);
        StunMessageBuilder m = StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, id);
        what.change().ifPresent(c -> m.with(StunAttributes.CHANGE_REQUEST, c));
        if (what.responsePort() != 0) {
            m.with(StunAttributes.RESPONSE_PORT, what.responsePort());
        }
        ByteBuffer key = ByteBuffer.wrap(id);
        firstId = firstId == null ? key : firstId;
        sent.put(key, run.now());
        what.at().ifPresent(s -> s.expect(this, key));
        socket.send(this, key, what.to(), m.build());
        if (sent.size() == pace.tries()) {
            timer = run.after(pace.last(), () -> end(Optional.empty()));
        } else {
            timer = run.after(gap, () -> send(gap * pace.factor()));
        }
    }

    void answered(InetSocketAddress from, ByteBuffer id, StunMessage m) {
        if (what.change().isEmpty() && !from.equals(what.to())) {
            run.scope().count("nat.wrong-source");
            return;
        }
        Answer a = new Answer(from, m, run.now() - sent.get(id), id.equals(firstId));
        if (!a.error() && a.mapped().isEmpty()) {
            run.scope().count("nat.no-address");
            return;
        }
        end(Optional.of(a));
    }

    /** How often it was sent. */
    int tries() {
        return sent.size();
    }

    boolean over() {
        return over;
    }

    /** Forgets it; nobody is told. */
    void cancel() {
        over = true;
        timer.close();
        socket.forget(sent.keySet());
        what.at().ifPresent(s -> s.forget(sent.keySet()));
    }

    private void end(Optional<Answer> answer) {
        if (!over) {
            cancel();
            told.answer(answer);
        }
    }

    /** Whether this is the id of one of its requests. */
    boolean sent(ByteBuffer id) {
        return sent.containsKey(id);
    }
}
