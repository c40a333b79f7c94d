// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import dev.karst.nat.stun.AllocationDiscovery.Mapped;
import dev.karst.nat.stun.AllocationDiscovery.Probe;
import dev.karst.nat.stun.AllocationDiscovery.Shape;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.Translation;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Mapping and allocation of TCP: the same comparison, by connections from one local port. Filtering
 * of TCP cannot be learnt this way: no server connects back.
 */
final class TcpDiscovery {
    private static final int BIND_TRIES = 3;
    private static final long LIMIT = 8_000_000_000L;

    /** Time for a lost SYN and a lost segment: TCP is not waited for, but told later. */
    private static final long GRACE = 2_500_000_000L;

    /** Time for one lost segment. */
    private static final long PROBE_LIMIT = 1_600_000_000;

    private final Run run;
    private final Set<InetAddress> locals;
    private final BooleanSupplier othersKnown;
    private final Runnable changed;
    private final Votes votes = new Votes();
    private final AllocationDiscovery allocation;
    private final List<TcpAsk> open = new ArrayList<>();
    private int port;
    private int binds = 1;
    private int waiting;
    private int portsWaiting;
    private int portMatters;
    private int portDoesNot;
    private final Set<Server> asked = new HashSet<>();
    private boolean hopeless;
    private boolean late;
    private boolean done;
    private Behavior mapping = Behavior.UNKNOWN;

    TcpDiscovery(Run run, Set<InetAddress> locals, BooleanSupplier othersKnown, Runnable changed) {
        this.run = run;
        this.locals = locals;
        this.othersKnown = othersKnown;
        this.changed = changed;
        port = somePort();
        allocation =
                new AllocationDiscovery(
                        run,
                        new Shape("TCP", 3, 5, 4, Integer.MAX_VALUE),
                        this::probe,
                        votes,
                        this::settled,
                        this::advance);
    }

    private int somePort() {
        return run.scope().random().nextInt(20_000, 60_000);
    }

    boolean done() {
        return done;
    }

    /** Whether any server answered over TCP. */
    boolean passes() {
        return !votes.isEmpty();
    }

    /** Whether no server did, and none is waited for. */
    boolean dead() {
        return votes.isEmpty() && waiting == 0;
    }

    Translation result() {
        return new Translation(mapping, Behavior.UNKNOWN, allocation.result());
    }

    /** Those who answered and are not contradicted. */
    List<Server> servers() {
        return votes.servers().stream().filter(s -> !votes.contradicted(s)).toList();
    }

    /** Where its connections came from, as most servers say. */
    Optional<InetSocketAddress> mapped() {
        return votes.agreed().or(() -> servers().stream().findFirst().flatMap(votes::of));
    }

    private boolean settled() {
        return waiting == 0 || late;
    }

    /** More is known of a server. */
    void learnt() {
        advance();
    }

    /** Connects to this server, too. */
    void add(Server s) {
        connect(s);
    }

    private void connect(Server s) {
        waiting++;
        int from = port;
        ask(from, s.address(), r -> answered(s, from, r));
    }

    private void ask(int from, InetSocketAddress to, Consumer<TcpAsk.Result> r) {
        ask(from, to, LIMIT, r);
    }

    private void ask(int from, InetSocketAddress to, long limit, Consumer<TcpAsk.Result> r) {
        TcpAsk a = new TcpAsk(run, limit, r);
        open.add(a);
        a.begin(new InetSocketAddress(run.bind(), from), to);
    }

    private void answered(Server s, int from, TcpAsk.Result r) {
        waiting--;
        if (done) {
            return;
        }
        boolean taken = r.why() != null && cause(r.why()) instanceof BindException;
        if (taken && (from != port || binds < BIND_TRIES) && votes.isEmpty()) {
            if (from == port) {
                port = somePort();
                binds++;
            }
            connect(s);
            return;
        }
        if (r.mapped().isPresent() && from == port) {
            if (votes.isEmpty()) {
                run.after(GRACE, this::late);
            }
            s.measured(r.rtt());
            votes.put(s, r.mapped().get());
        }
        advance();
    }

    private static Throwable cause(Throwable e) {
        return e.getCause() == null ? e : cause(e.getCause());
    }

    private void late() {
        late = true;
        advance();
    }

    private void advance() {
        if (done || votes.isEmpty()) {
            changed.run();
            return;
        }
        if (mapping == Behavior.UNKNOWN) {
            map();
        }
        if (!none()) {
            allocation.advance();
        }
        boolean mapped = mapping != Behavior.UNKNOWN || hopeless;
        if (mapped && (allocation.done() || none())) {
            close();
        }
        changed.run();
    }

    private boolean none() {
        return votes.servers().stream().map(s -> votes.of(s).get()).anyMatch(this::own);
    }

    private boolean own(InetSocketAddress a) {
        return a.getPort() == port && locals.contains(a.getAddress());
    }

    private void map() {
        if (votes.agreed().isPresent()) {
            boolean none = own(votes.agreed().get());
            mapped(none ? Behavior.NONE : Behavior.ENDPOINT_INDEPENDENT);
        } else if (votes.voters() > 1) {
            votes.servers().stream()
                    .filter(s -> s.other() != null && asked.add(s))
                    .forEach(this::otherPort);
            boolean some = portMatters + portDoesNot > 0;
            boolean enough = late && some && votes.voters() > 2; // of two, one might lie
            boolean all = waiting == 0 && (some || othersKnown.getAsBoolean());
            if (portsWaiting == 0 && (all || enough)) {
                mapped(
                        portDoesNot > portMatters
                                ? Behavior.ADDRESS_DEPENDENT
                                : Behavior.ADDRESS_AND_PORT_DEPENDENT);
            }
        } else if (waiting == 0) { // a lost SYN takes a second: that is told later
            single();
        }
    }

    private void otherPort(Server s) {
        portsWaiting++;
        ask(
                port,
                s.otherPort(),
                r -> {
                    portsWaiting--;
                    if (r.mapped().isPresent()) {
                        boolean same = r.mapped().equals(votes.of(s));
                        portMatters += same ? 0 : 1;
                        portDoesNot += same ? 1 : 0;
                    }
                    advance();
                });
    }

    private void single() {
        Server s = votes.servers().get(0);
        if (own(votes.of(s).get())) {
            mapped(Behavior.NONE);
        } else if (s.other() == null) {
            hopeless = true;
        } else if (asked.add(s)) {
            ask(port, s.other(), r -> single(s, r));
        }
    }

    private void single(Server s, TcpAsk.Result r) {
        if (r.mapped().isEmpty()) {
            hopeless = true;
        } else if (r.mapped().equals(votes.of(s))) {
            mapped(Behavior.ENDPOINT_INDEPENDENT);
        } else {
            ask(port, s.otherPort(), x -> singlePort(s, x));
            return;
        }
        advance();
    }

    private void singlePort(Server s, TcpAsk.Result r) {
        mapped(
                r.mapped().equals(votes.of(s))
                        ? Behavior.ADDRESS_DEPENDENT
                        : Behavior.ADDRESS_AND_PORT_DEPENDENT);
        advance();
    }

    private void mapped(Behavior b) {
        mapping = b;
        for (Server s : votes.servers()) {
            run.say(s + " sees, by TCP, " + IpAddresses.text(votes.of(s).get()));
        }
        run.say("TCP mapping " + b);
    }

    private void probe(int local, Consumer<Optional<Probe>> told) {
        told.accept(
                Optional.of(
                        (s, mapped) ->
                                ask(
                                        local,
                                        s.address(),
                                        PROBE_LIMIT + 3 * s.rtt(),
                                        r -> mapped.accept(mapped(r)))));
    }

    private static Optional<Mapped> mapped(TcpAsk.Result r) {
        return r.mapped().map(m -> new Mapped(m, r.prompt()));
    }

    /** Takes what there is. */
    void end() {
        if (!done) {
            allocation.end();
            close();
        }
    }

    private void close() {
        done = true;
        allocation.review();
        open.forEach(TcpAsk::close);
        open.clear();
    }
}
