// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.nat.stun.AllocationStatistics.Judged;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Opens bursts of fresh mappings and has their external ports judged, until that is sure. The
 * packets of a burst follow each other without waiting for answers, so that hardly any mapping of
 * others comes between, but a little apart, so that they hardly overtake each other on the way to
 * the NAT.
 */
final class AllocationDiscovery {
    private static final long APART = 2_000_000;

    /** A burst is judged before its last answers came, if that is clear already. */
    private static final int FEW = 5;

    private static final int SHOWN = 24;

    private final Run run;
    private final Shape shape;
    private final Probes probes;
    private final Votes votes;
    private final BooleanSupplier settled;
    private final Runnable changed;

    private final List<Seen> all = new ArrayList<>();
    private final List<Server> asked = new ArrayList<>();
    private final Set<Server> liars = new HashSet<>();
    private int waiting;
    private boolean done;
    private PortAllocation result = PortAllocation.unknown();

    /**
     * How bursts look.
     *
     * @param protocol for the evidence
     * @param most bursts; one each for three servers, and one for loss
     * @param budget no further burst if the whole detection would send more UDP packets than that
     */
    record Shape(String protocol, int scattered, int consecutive, int most, int budget) {}

    /** Opens a socket on that local port, or says that it cannot. */
    @FunctionalInterface
    interface Probes {
        void open(int localPort, Consumer<Optional<Probe>> told);
    }

    /** A fresh socket. */
    @FunctionalInterface
    interface Probe {
        void ask(Server s, Consumer<Optional<Mapped>> told);
    }

    /**
     * What a server saw.
     *
     * @param prompt whether the first packet was the one that was answered
     */
    record Mapped(InetSocketAddress address, boolean prompt) {}

    private record Seen(Server server, InetAddress ip, Sample sample) {}

    AllocationDiscovery(
            Run run,
            Shape shape,
            Probes probes,
            Votes votes,
            BooleanSupplier settled,
            Runnable changed) {
        this.run = run;
        this.shape = shape;
        this.probes = probes;
        this.votes = votes;
        this.settled = settled;
        this.changed = changed;
    }

    boolean done() {
        return done;
    }

    PortAllocation result() {
        return result;
    }

    /** External addresses that a server saw. */
    Set<InetAddress> addresses(Server s) {
        Set<InetAddress> out = new HashSet<>();
        all.stream().filter(a -> a.server() == s).forEach(a -> out.add(a.ip()));
        return out;
    }

    /** Servers that said what cannot be. */
    Set<Server> liars() {
        return liars;
    }

    /** Does what can be done now. */
    void advance() {
        if (done) {
            return;
        }
        Judged j = judge(believed());
        boolean idle = waiting == 0;
        boolean clear = j.sure() && vouched(j) && (idle || fresh() >= FEW);
        if (clear) {
            finish(j);
        } else if (idle && asked.size() < shape.most() && more(j)) {
            next().ifPresent(this::burst);
        } else if (idle && settled.getAsBoolean()) {
            finish(best(j));
        }
    }

    /** What is sure already gets no better by the same server. */
    private boolean more(Judged j) {
        int size = shape.scattered() + shape.consecutive();
        return (asked.isEmpty() || run.packets() + size <= shape.budget())
                && (!j.sure() || !asked.containsAll(next().stream().toList()));
    }

    private int fresh() {
        int burst = asked.size() - 1;
        return (int) all.stream().filter(s -> s.sample().burst() == burst).count();
    }

    // ---- whom to believe

    private List<Seen> believed() {
        return all.stream().filter(s -> !distrusted(s.server())).toList();
    }

    private boolean distrusted(Server s) {
        return liars.contains(s) || votes.contradicted(s);
    }

    private static Judged judge(List<Seen> seen) {
        return AllocationStatistics.judge(seen.stream().map(Seen::sample).toList());
    }

    /** Whether the servers asked are right in other things, or two of them say the same here. */
    private boolean vouched(Judged j) {
        if (votes.agreed().isPresent()) {
            return true;
        }
        if (votes.voters() < 2) {
            return settled.getAsBoolean();
        }
        Collection<Judged> each = each().values();
        return each.stream().filter(o -> o.sure() && !differ(o, j)).count() >= 2
                && each.stream().noneMatch(o -> o.sure() && differ(o, j));
    }

    private Map<Server, Judged> each() {
        Map<Server, Judged> out = new LinkedHashMap<>();
        for (Server s : new HashSet<>(asked)) {
            List<Seen> own = believed().stream().filter(a -> a.server() == s).toList();
            if (own.size() >= FEW) {
                out.put(s, judge(own));
            }
        }
        return out;
    }

    private static boolean differ(Judged a, Judged b) {
        return a.allocation().kind() != b.allocation().kind()
                || a.allocation().step() != b.allocation().step();
    }

    /**
     * What no server can invent, since it does not know the local ports; else what two say, of
     * which one is sure; else all together.
     */
    private Judged best(Judged together) {
        List<Judged> each = List.copyOf(each().values());
        for (Judged a : each) {
            Kind k = a.allocation().kind();
            if (a.sure() && (k == Kind.PRESERVED || k == Kind.PRESERVING_DISTANCE)) {
                return a;
            }
        }
        for (Judged a : each) {
            if (a.sure() && each.stream().filter(b -> !differ(a, b)).count() >= 2) {
                return a;
            }
        }
        return together;
    }

    // ---- bursts

    /** The server that was asked least, the first to answer first. */
    private Optional<Server> next() {
        Server best = null;
        long fewest = Long.MAX_VALUE;
        for (Server s : votes.servers()) {
            long n = asked.stream().filter(a -> a == s).count();
            if (n < fewest && !distrusted(s)) {
                fewest = n;
                best = s;
            }
        }
        return Optional.ofNullable(best);
    }

    private void burst(Server server) {
        int burst = asked.size();
        asked.add(server);
        List<Integer> ports =
                LocalPorts.plan(
                        run.scope().random()::nextInt, shape.scattered(), shape.consecutive());
        waiting = ports.size();
        Probe[] open = new Probe[ports.size()];
        int[] missing = {ports.size()};
        for (int i = 0; i < open.length; i++) {
            int at = i;
            probes.open(
                    ports.get(i),
                    probe -> {
                        open[at] = probe.orElse(null);
                        if (--missing[0] == 0) {
                            fire(open, 0, ports, server, burst);
                        }
                    });
        }
    }

    private void fire(Probe[] open, int at, List<Integer> ports, Server server, int burst) {
        if (open[at] == null) {
            waiting--;
        } else {
            open[at].ask(server, m -> told(m, server, burst, at, ports.get(at)));
        }
        if (at + 1 < open.length) {
            run.after(APART, () -> fire(open, at + 1, ports, server, burst));
        } else if (waiting == 0) {
            changed.run();
        }
    }

    private void told(Optional<Mapped> mapped, Server server, int burst, int order, int local) {
        waiting--;
        mapped.ifPresent(m -> saw(server, m, burst, order, local));
        changed.run();
    }

    private void saw(Server server, Mapped m, int burst, int order, int local) {
        int external = m.address().getPort();
        InetAddress ip = m.address().getAddress();
        for (Seen s : all) {
            if (s.server() == server && s.ip().equals(ip) && s.sample().external() == external) {
                if (liars.add(server)) {
                    run.say(server + " sees two sockets at one address: not believed");
                }
            }
        }
        all.add(new Seen(server, ip, new Sample(burst, order, local, external, m.prompt())));
    }

    // ---- the end

    /** Judges again, without those who were found out since. */
    void review() {
        if (done && asked.stream().anyMatch(this::distrusted)) {
            Judged j = best(judge(believed()));
            if (j.allocation().kind() != Kind.UNKNOWN) {
                result = j.allocation();
            }
        }
    }

    /** Takes what there is. */
    void end() {
        if (!done) {
            finish(best(judge(believed())));
        }
    }

    private void finish(Judged j) {
        done = true;
        result = j.allocation();
        if (result.kind() != Kind.UNKNOWN) {
            run.say(shape.protocol() + " ports: " + words());
        }
    }

    private String words() {
        String what =
                switch (result.kind()) {
                    case PRESERVED -> "the local port is kept";
                    case PRESERVING_DISTANCE -> "the local port plus a constant";
                    case INDEPENDENT_STEP -> "each is the one before " + signed();
                    case DEPENDENT_STEP ->
                            "each is the one before "
                                    + signed()
                                    + " if local ports follow each other";
                    default -> "at random";
                };
        List<String> some = new ArrayList<>();
        for (Seen s : believed()) {
            if (some.size() < SHOWN) {
                some.add(s.sample().local() + ">" + s.sample().external());
            }
        }
        return what + " (" + believed().size() + " seen: " + String.join(" ", some) + ")";
    }

    private String signed() {
        return (result.step() > 0 ? "+ " : "- ") + Math.abs(result.step());
    }
}
