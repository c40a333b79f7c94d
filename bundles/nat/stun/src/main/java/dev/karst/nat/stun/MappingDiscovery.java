// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import dev.karst.spi.nat.Behavior;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Mapping of the shared socket: what several servers see of it. Only with a single server are its
 * other addresses written to from that socket, after the filtering test, which that would spoil.
 * Whether mappings depend on the port, too, is a matter of the NAT and learnt on another socket,
 * for the same reason.
 */
final class MappingDiscovery {
    private static final int TRIES = 4;

    private final Run run;
    private final StunSocket shared;
    private final Votes votes;
    private final Set<InetAddress> locals;
    private final Runnable changed;

    private final Map<Server, Optional<Boolean>> portMatters = new HashMap<>();
    private final List<Server> asked = new ArrayList<>();
    private StunSocket aside;
    private boolean opening;
    private boolean alone;
    private boolean done;
    private boolean doubtful;
    private Behavior result = Behavior.UNKNOWN;

    MappingDiscovery(
            Run run, StunSocket shared, Votes votes, Set<InetAddress> locals, Runnable changed) {
        this.run = run;
        this.shared = shared;
        this.votes = votes;
        this.locals = locals;
        this.changed = changed;
    }

    boolean done() {
        return done;
    }

    Behavior result() {
        return result;
    }

    /** Whether servers contradicted each other about the port. */
    boolean doubtful() {
        return doubtful;
    }

    /** Whether addresses are not translated, as far as is known. */
    boolean none() {
        return votes.agreed()
                .or(() -> votes.servers().stream().findFirst().flatMap(votes::of))
                .filter(this::own)
                .isPresent();
    }

    private boolean own(InetSocketAddress a) {
        return a.getPort() == shared.local().getPort() && locals.contains(a.getAddress());
    }

    /**
     * Does what can be done now.
     *
     * @param settled whether further servers are not worth waiting for
     * @param last whether no more will answer
     * @param filtered whether the filtering test is over
     */
    void advance(boolean settled, boolean last, boolean filtered) {
        if (done || votes.isEmpty()) {
            return;
        }
        if (votes.agreed().isPresent()) {
            boolean none = own(votes.agreed().get());
            finish(none ? Behavior.NONE : Behavior.ENDPOINT_INDEPENDENT, "they agree");
        } else if (votes.voters() > 1) {
            differ(settled, last);
        } else if (settled) {
            single(filtered);
        }
    }

    // ---- two or more servers see different things

    private void differ(boolean settled, boolean last) {
        long matters = portMatters.values().stream().filter(m -> m.orElse(false)).count();
        long not = portMatters.values().stream().filter(m -> m.isPresent() && !m.get()).count();
        boolean answered = portMatters.size() == asked.size();
        if (matters >= 2 && answered) {
            doubtful = not > 0;
            finish(Behavior.ADDRESS_AND_PORT_DEPENDENT, "another port is another mapping, too");
        } else if (settled && not >= 2 && not > matters) {
            doubtful = matters > 0;
            finish(Behavior.ADDRESS_DEPENDENT, "another port of the same server makes none");
        } else if (answered && !askNext() && (matters + not > 0 ? settled : last)) {
            lastWord(matters, not);
        }
    }

    private void lastWord(long matters, long not) {
        doubtful = matters > 0 && not > 0;
        if (not > matters) {
            finish(Behavior.ADDRESS_DEPENDENT, "another port of that server makes none");
        } else {
            finish(
                    Behavior.ADDRESS_AND_PORT_DEPENDENT,
                    matters > 0
                            ? "another port is another mapping, too"
                            : "no server could tell whether another port matters: assumed");
        }
    }

    /** Asks the next server whether its other port sees another mapping; two at first. */
    private boolean askNext() {
        if (opening) {
            return true;
        }
        List<Server> next = new ArrayList<>();
        for (Server s : votes.servers()) {
            if (s.other() != null && !asked.contains(s) && asked.size() + next.size() < 4) {
                next.add(s);
            }
        }
        if (next.isEmpty()) {
            return false;
        }
        List<Server> now = next.subList(0, asked.isEmpty() ? Math.min(2, next.size()) : 1);
        asked.addAll(now);
        if (aside != null) {
            now.forEach(this::otherPort);
            return true;
        }
        opening = true;
        run.bind(
                0,
                socket -> {
                    opening = false;
                    aside = socket.orElse(null);
                    now.forEach(this::otherPort);
                });
        return true;
    }

    private void otherPort(Server s) {
        if (aside == null) {
            portMatters.put(s, Optional.empty());
            changed.run();
            return;
        }
        compare(aside, s, s.otherPort(), (a, b) -> compared(s, a, b, true));
    }

    /** Asks what the server sees of this socket at its first address and at this one. */
    private void compare(
            StunSocket socket,
            Server s,
            InetSocketAddress second,
            BiConsumer<Optional<InetSocketAddress>, Optional<InetSocketAddress>> told) {
        Map<Boolean, Optional<InetSocketAddress>> seen = new HashMap<>();
        for (boolean first : new boolean[] {true, false}) {
            socket.ask(
                    What.binding(first ? s.address() : second),
                    Pace.of(s, TRIES),
                    a -> {
                        seen.put(first, a.flatMap(Answer::mapped));
                        if (seen.size() == 2) {
                            told.accept(seen.get(true), seen.get(false));
                        }
                    });
        }
    }

    private void compared(
            Server s,
            Optional<InetSocketAddress> a,
            Optional<InetSocketAddress> b,
            boolean mayBeChance) {
        boolean both = a.isPresent() && b.isPresent();
        String seen =
                both
                        ? IpAddresses.text(a.get()) + " and " + IpAddresses.text(b.get())
                        : "nothing of one";
        run.say(s + " and its port " + s.other().getPort() + " see of another socket " + seen);
        if (mayBeChance && both && a.equals(b) && votes.voters() == 1) {
            // A NAT with few ports gives the same one twice now and then; nobody else can tell.
            run.bind(
                    0,
                    fresh ->
                            fresh.ifPresentOrElse(
                                    f ->
                                            compare(
                                                    f,
                                                    s,
                                                    s.otherPort(),
                                                    (x, y) -> compared(s, x, y, false)),
                                    () -> portMatters(s, Optional.of(false))));
            return;
        }
        portMatters(s, both ? Optional.of(!a.equals(b)) : Optional.empty());
    }

    private void portMatters(Server s, Optional<Boolean> matters) {
        portMatters.put(s, matters);
        changed.run();
    }

    // ---- one server only: RFC 5780 section 4.3

    private void single(boolean filtered) {
        Server s = votes.servers().get(0);
        InetSocketAddress first = votes.of(s).get();
        if (own(first)) {
            finish(Behavior.NONE, "it is the local address");
        } else if (s.other() == null) {
            finish(Behavior.UNKNOWN, "one server alone cannot tell how mappings differ");
        } else if (!portMatters.isEmpty()) {
            boolean matters = portMatters.get(s).orElse(true);
            lastWord(matters ? 1 : 0, matters ? 0 : 1);
        } else if (filtered && !alone) {
            alone = true;
            var second = new InetSocketAddress(s.other().getAddress(), s.address().getPort());
            shared.ask(What.binding(second), Pace.of(s, TRIES), a -> second(s, first, a));
        }
    }

    private void second(Server s, InetSocketAddress first, Optional<Answer> answer) {
        Optional<InetSocketAddress> seen = answer.flatMap(Answer::mapped);
        if (seen.isEmpty()) {
            finish(Behavior.UNKNOWN, "the other address of the only server does not answer");
        } else if (!seen.get().equals(first)) {
            // From another socket: an answer that a filter let in may have opened the way to that
            // very port on this one (Linux answers from where it was asked, whatever its rules).
            askNext();
        } else if (first.getPort() == shared.local().getPort()) {
            same();
        } else {
            confirm(s, 3);
        }
        changed.run();
    }

    /** A NAT with few ports gives the same one twice now and then: once more, on a fresh socket. */
    private void confirm(Server s, int tries) {
        run.bind(0, fresh -> fresh.ifPresentOrElse(f -> confirm(s, f, tries), this::same));
    }

    private void confirm(Server s, StunSocket fresh, int tries) {
        var second = new InetSocketAddress(s.other().getAddress(), s.address().getPort());
        compare(
                fresh,
                s,
                second,
                (a, b) -> {
                    if (a.isEmpty() || b.isEmpty()) {
                        if (tries > 1) {
                            confirm(s, tries - 1);
                        } else {
                            same();
                        }
                    } else if (a.equals(b)) {
                        same();
                    } else {
                        run.say("of another socket the other address sees another port");
                        askNext();
                    }
                    changed.run();
                });
    }

    private void same() {
        finish(Behavior.ENDPOINT_INDEPENDENT, "its other address sees the same");
    }

    /** Takes what there is. */
    void end() {
        if (!done && votes.voters() > 1) {
            lastWord(0, 0);
        }
        done = true;
    }

    private void finish(Behavior b, String why) {
        if (done) {
            return;
        }
        done = true;
        result = b;
        for (Server s : votes.servers()) {
            run.say(s + " sees " + IpAddresses.text(votes.of(s).get()));
        }
        run.say("UDP mapping " + b + ": " + why);
    }
}
