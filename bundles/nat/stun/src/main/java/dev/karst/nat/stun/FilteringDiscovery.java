// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import dev.karst.spi.nat.Behavior;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Filtering of the shared socket: who may answer (RFC 5780 section 4.4). An answer from where
 * nothing was ever sent to is a proof that nobody can forge, for it had to pass the NAT; so one is
 * enough. Silence proves something only of servers whose other address is seen to be alive, and
 * only after {@value #ENOUGH} requests.
 *
 * <p>A server whose other address was written to from the shared socket before is asked from a
 * fresh one.
 */
final class FilteringDiscovery {
    private static final int ENOUGH = 5;
    private static final int ALIVE_TRIES = 4;
    private static final long SHORTEST_GAP = 20_000_000;

    private final Run run;
    private final StunSocket shared;
    private final Set<InetSocketAddress> before;
    private final int tries;
    private final Runnable changed;

    private final List<Case> cases = new ArrayList<>();
    private StunSocket aside;
    private boolean anyAddress;
    private boolean anyPort;
    private boolean done;
    private Behavior result = Behavior.UNKNOWN;

    /** A server that is asked to answer from elsewhere. */
    private static final class Case {
        final Server server;
        StunSocket socket;
        Question fromAddress;
        Question fromPort;
        int addressTries;
        int portTries;
        Optional<Boolean> alive = Optional.empty();
        boolean useless;

        Case(Server server) {
            this.server = server;
        }

        boolean over() {
            return useless
                    || alive.isPresent()
                            && fromAddress != null
                            && fromAddress.over()
                            && fromPort.over();
        }

        boolean tells() {
            return !useless && alive.orElse(false);
        }
    }

    /**
     * Begins.
     *
     * @param before what was written to from the shared socket by earlier detections
     * @param tries requests for each server before silence is looked at
     */
    FilteringDiscovery(
            Run run,
            StunSocket shared,
            Set<InetSocketAddress> before,
            int tries,
            Runnable changed) {
        this.run = run;
        this.shared = shared;
        this.before = before;
        this.tries = tries;
        this.changed = changed;
    }

    boolean done() {
        return done;
    }

    Behavior result() {
        return result;
    }

    /** Asks this server, too, once its other address is known. */
    void add(Server s) {
        if (done || s.other() == null) {
            return;
        }
        Case c = new Case(s);
        cases.add(c);
        if (!spoilt(s)) {
            begin(c, shared);
        } else {
            run.say(
                    s
                            + ": its other address was written to before, a fresh socket tests filtering");
            run.bind(0, fresh -> begin(c, fresh.orElse(null)));
        }
        if (aside != null) {
            alive(c);
        } else if (cases.size() == 1) {
            run.bind(0, fresh -> aside(fresh.orElse(null)));
        }
    }

    private void aside(StunSocket fresh) {
        aside = fresh;
        cases.forEach(this::alive);
    }

    private boolean spoilt(Server s) {
        InetAddress ip = s.other().getAddress();
        return wroteTo(shared, ip) || wroteTo(shared, s.otherPort());
    }

    private boolean wroteTo(StunSocket socket, InetAddress ip) {
        return socket.wroteTo(ip)
                || socket == shared && before.stream().anyMatch(a -> a.getAddress().equals(ip));
    }

    private boolean wroteTo(StunSocket socket, InetSocketAddress a) {
        return socket.written().contains(a) || socket == shared && before.contains(a);
    }

    /** Silence of a server whose other address is dead would tell nothing. */
    private void alive(Case c) {
        if (aside == null || done) {
            c.alive = Optional.of(false);
            return;
        }
        aside.ask(
                What.binding(c.server.other()),
                Pace.of(c.server, ALIVE_TRIES),
                a -> {
                    c.alive = Optional.of(a.isPresent());
                    if (a.isEmpty()) {
                        run.say(
                                c.server
                                        + ": its other address "
                                        + IpAddresses.text(c.server.other())
                                        + " is dead");
                    }
                    changed.run();
                });
    }

    private void begin(Case c, StunSocket socket) {
        c.socket = socket;
        c.useless = socket == null;
        if (!c.useless && !done) {
            askAddress(c, tries);
            askPort(c, tries);
        }
    }

    /** The requests follow each other faster than answers come: most answers never will. */
    private static Pace pace(Server s, int tries) {
        return new Pace(tries, Math.max(SHORTEST_GAP, s.rtt() / 2), 1, s.patience());
    }

    private void askAddress(Case c, int n) {
        c.fromAddress =
                c.socket.ask(
                        What.change(c.server.address(), true),
                        pace(c.server, n),
                        a -> {
                            c.addressTries += c.fromAddress.tries();
                            a.ifPresent(b -> answered(c, b));
                            changed.run();
                        });
    }

    private void askPort(Case c, int n) {
        c.fromPort =
                c.socket.ask(
                        What.change(c.server.address(), false),
                        pace(c.server, n),
                        a -> {
                            c.portTries += c.fromPort.tries();
                            a.ifPresent(b -> answered(c, b));
                            changed.run();
                        });
    }

    private void answered(Case c, Answer a) {
        InetAddress ip = a.from().getAddress();
        boolean same = ip.equals(c.server.ip());
        boolean known = same ? wroteTo(c.socket, a.from()) : wroteTo(c.socket, ip);
        if (a.error() || known) {
            c.useless = true;
            c.fromAddress.cancel();
            if (c.fromPort != null) {
                c.fromPort.cancel();
            }
            run.say(c.server + " does not answer from elsewhere when asked to");
        } else {
            anyAddress |= !same;
            anyPort |= same;
            run.say("an answer came from " + IpAddresses.text(a.from()) + ", never written to");
        }
    }

    /**
     * Does what can be done now.
     *
     * @param settled whether further servers are not worth waiting for
     * @param last whether no more will be added
     */
    void advance(boolean settled, boolean last) {
        if (done) {
            return;
        }
        if (anyAddress) {
            finish(Behavior.ENDPOINT_INDEPENDENT, "anybody may answer");
            return;
        }
        if (anyPort) {
            cases.stream().filter(c -> c.fromPort != null).forEach(c -> c.fromPort.cancel());
        }
        if (!cases.stream().allMatch(Case::over)) {
            return;
        }
        List<Case> telling = cases.stream().filter(Case::tells).toList();
        if (telling.isEmpty() || telling.size() == 1 && !settled) {
            if (last) {
                finish(Behavior.UNKNOWN, "no server could tell");
            }
            return;
        }
        int addressTries = telling.stream().mapToInt(c -> c.addressTries).sum();
        int portTries = telling.stream().mapToInt(c -> c.portTries).sum();
        if (addressTries < ENOUGH) {
            askAddress(telling.get(0), ENOUGH - addressTries);
        }
        if (!anyPort && portTries < ENOUGH) {
            askPort(telling.get(0), ENOUGH - portTries);
        }
        if (telling.get(0).over()) {
            String who = telling.size() + (telling.size() == 1 ? " server, " : " servers, ");
            run.say(
                    "an answer from another address did not come ("
                            + who
                            + addressTries
                            + " tries)");
            if (!anyPort) {
                run.say("an answer from another port did not come (" + who + portTries + " tries)");
            }
            finish(
                    anyPort ? Behavior.ADDRESS_DEPENDENT : Behavior.ADDRESS_AND_PORT_DEPENDENT,
                    "only who was written to may answer" + (anyPort ? ", from any port" : ""));
        }
    }

    /** Takes what there is. */
    void end() {
        if (!done) {
            boolean some = cases.stream().anyMatch(c -> c.tells() && c.addressTries > 0);
            finish(
                    anyPort && some ? Behavior.ADDRESS_DEPENDENT : Behavior.UNKNOWN,
                    "there was no time for more");
        }
    }

    private void finish(Behavior b, String why) {
        done = true;
        result = b;
        for (Case c : cases) {
            if (c.fromAddress != null && c.fromPort != null) {
                c.fromAddress.cancel();
                c.fromPort.cancel();
            }
        }
        run.say("UDP filtering " + b + ": " + why);
    }
}
