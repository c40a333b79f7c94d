// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.KarstException;
import dev.karst.Subscription;
import dev.karst.nat.stun.AllocationDiscovery.Mapped;
import dev.karst.nat.stun.AllocationDiscovery.Probe;
import dev.karst.nat.stun.AllocationDiscovery.Shape;
import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.net.UdpSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One detection: asks everybody, lets the tests go on with each answer, and ends when all of them
 * have. See the package for how they depend on each other.
 */
final class Detection {
    private static final int MOST_PACKETS = 60;
    private static final long LIMIT = 5_000_000_000L;

    /** A SYN that was lost comes after one second; who has not answered then is not there. */
    private static final long SILENCE = 3_000_000_000L;

    private static final long TCP_LIMIT = 12_000_000_000L;
    private static final long BEFORE_DEADLINE = 200_000_000;

    /** How long TCP may hold up the verdict, counted from the beginning. */
    private static final int TCP_ROUND_TRIPS = 4;

    private static final long TCP_SLACK = 100_000_000;

    private final List<ServerName> names;
    private final UdpSocket socket;
    private final Consumer<? super NatBehavior> later;
    private final Scope scope;
    private final Written written;
    private final CompletableFuture<NatBehavior> result = new CompletableFuture<>();
    private final Run run;

    private final Servers servers;
    private final Votes votes;
    private final List<HairpinDiscovery.End> ends = new ArrayList<>();
    private volatile StunSocket shared;
    private MappingDiscovery mapping;
    private FilteringDiscovery filtering;
    private AllocationDiscovery allocation;
    private HairpinDiscovery hairpin;
    private TcpDiscovery tcp;
    private LifetimeDiscovery lifetime;
    private ArrivalsDiscovery arrivals;
    private boolean told;
    private boolean toldTcp;
    private boolean over;

    Detection(
            List<ServerName> names,
            UdpSocket socket,
            Consumer<? super NatBehavior> later,
            Scope scope,
            Written written) {
        this.names = names;
        this.socket = socket;
        this.later = later;
        this.scope = scope;
        this.written = written;
        run = new Run(scope, socket.local().getAddress(), this::fail);
        servers =
                new Servers(
                        run, names, new Servers.Told(this::found, this::answered, this::changed));
        votes = servers.votes();
    }

    CompletionStage<NatBehavior> begin() {
        Subscription onCancel =
                scope.onCancel(
                        () -> result.completeExceptionally(new CancellationException("cancelled")));
        result.whenComplete(
                (v, e) -> {
                    onCancel.close();
                    remember(); // also of one that was called off half-way
                });
        run.soon(this::start);
        return result;
    }

    private void remember() {
        StunSocket s = shared;
        if (s != null) {
            written.add(socket.local(), s.written(), run.now());
        }
    }

    private void start() {
        Set<InetAddress> locals = locals();
        shared = new StunSocket(run, socket);
        shared.start();
        Set<InetSocketAddress> before = written.recent(socket.local(), run.now());
        mapping = new MappingDiscovery(run, shared, votes, locals, this::advance);
        filtering =
                new FilteringDiscovery(
                        run, shared, before, names.size() > 2 ? 2 : 3, this::advance);
        allocation =
                new AllocationDiscovery(
                        run,
                        new Shape("UDP", 3, 5, 4, MOST_PACKETS),
                        this::probe,
                        votes,
                        servers::settled,
                        this::advance);
        hairpin = new HairpinDiscovery(run, this::advance);
        tcp = new TcpDiscovery(run, locals, servers::last, this::tcpChanged);
        servers.begin(shared);
        run.after(limit(), this::tooLong);
        run.after(Math.min(SILENCE, limit()), this::tooSilent);
    }

    private long limit() {
        if (scope.deadline().equals(Instant.MAX)) {
            return LIMIT;
        }
        Duration left = Duration.between(scope.clock().instant(), scope.deadline());
        return left.compareTo(Duration.ofNanos(LIMIT)) > 0
                ? LIMIT
                : Math.max(0, left.toNanos() - BEFORE_DEADLINE);
    }

    private Set<InetAddress> locals() {
        Set<InetAddress> out = new HashSet<>();
        if (run.bind().isAnyLocalAddress()) {
            scope.network().interfaces().forEach(i -> out.add(i.address()));
        } else {
            out.add(run.bind());
        }
        return out;
    }

    private void found(Server s) {
        if (!over) {
            tcp.add(s);
        }
    }

    private void answered(Server s) {
        if (!over) {
            filtering.add(s);
        }
    }

    private void changed() {
        tcp.learnt();
        advance();
    }

    // ---- fresh sockets

    private void probe(int port, Consumer<Optional<Probe>> told) {
        run.bind(port, s -> told.accept(s.map(this::probe)));
    }

    private Probe probe(StunSocket s) {
        return (server, mapped) ->
                s.ask(
                        What.binding(server.address()),
                        Pace.of(server, 3),
                        a -> {
                            a.ifPresent(b -> hairpinEnd(s, b));
                            mapped.accept(
                                    a.flatMap(b -> b.mapped().map(m -> new Mapped(m, b.first()))));
                        });
    }

    private void hairpinEnd(StunSocket s, Answer a) {
        if (!over && ends.size() < 2 && a.mapped().isPresent()) {
            ends.add(new HairpinDiscovery.End(s, a.mapped().get()));
            if (ends.size() == 2 && !hairpin.begun()) {
                hairpin.begin(ends.get(0), ends.get(1), a.rtt());
            }
        }
    }

    // ---- going on

    private void advance() {
        if (over) {
            return;
        }
        if (votes.isEmpty()) {
            silence();
            return;
        }
        filtering.advance(servers.settled(), servers.last());
        mapping.advance(servers.settled(), servers.last(), filtering.done());
        if (mapping.none() || votes.voters() > 1 && votes.agreed().isEmpty()) {
            hairpin.skip(); // by destination: the filter would not know who writes back
        }
        if (!mapping.none()) {
            allocation.advance();
        }
        boolean udp = mapping.done() && filtering.done() && (mapping.none() || allocation.done());
        if (udp && !hairpin.begun()) {
            hairpin.skip();
        }
        if (udp && hairpin.done()) {
            finish();
        }
    }

    /** Nothing came by UDP yet. */
    private void silence() {
        if (!servers.settled()) {
            return;
        }
        if (tcp.passes() && tcp.done()) {
            run.say("nothing comes back by UDP, while TCP passes");
            finish();
        } else if (tcp.dead()) {
            fail(unreachable(servers.nobody() ? "has an address" : "answers, by UDP or TCP"));
        }
    }

    private KarstException unreachable(String what) {
        String family = run.bind() instanceof Inet4Address ? "IPv4" : "IPv6";
        return new KarstException(
                KarstException.Code.UNREACHABLE,
                "no STUN server " + what + " (" + family + "): " + names);
    }

    private void tooSilent() {
        if (!over && votes.isEmpty() && !tcp.passes()) {
            fail(unreachable("answers in time"));
        }
    }

    private void tooLong() {
        tooSilent();
        if (over) {
            return;
        }
        filtering.end();
        mapping.end();
        allocation.end();
        hairpin.skip();
        tcp.end();
        finish();
    }

    /** UDP is clear; TCP gets a little more time, then it is told later. */
    private void finish() {
        over = true;
        allocation.review();
        votes.outvoted().forEach(s -> run.say(s + " contradicts the others: not believed"));
        run.say("UDP verdict after " + run.sofar());
        run.closeAll();
        long slowest = votes.servers().stream().mapToLong(Server::rtt).max().orElse(0);
        long left = TCP_ROUND_TRIPS * slowest + TCP_SLACK - run.elapsed();
        if (!tcp.done() && !tcp.dead() && left > 0) {
            run.after(left, this::complete);
        } else {
            complete();
        }
    }

    private void complete() {
        if (!told) {
            told = true;
            result.complete(verdict().build());
            if (!tcp.done() && !tcp.dead()) {
                run.after(TCP_LIMIT, this::tcpTooLong);
            }
            background();
        }
    }

    private void tcpChanged() {
        if (!over) {
            advance();
        } else if (tcp.done() && !told) {
            complete();
        } else if (tcp.done() && !toldTcp) {
            toldTcp = true;
            tell();
        }
    }

    private void tcpTooLong() {
        tcp.end();
        tcpChanged();
    }

    /** What takes longer. */
    private void background() {
        Optional<Server> near =
                votes.servers().stream()
                        .filter(s -> !votes.contradicted(s) && !allocation.liars().contains(s))
                        .min(Comparator.comparingLong(Server::rtt));
        boolean translated =
                mapping.result() != Behavior.NONE && mapping.result() != Behavior.UNKNOWN;
        if (near.isPresent() && translated) {
            Kind kind = allocation.result().kind();
            boolean portTells = kind != Kind.PRESERVED && kind != Kind.PRESERVING_DISTANCE;
            lifetime = new LifetimeDiscovery(run, near.get(), portTells, this::tell);
            lifetime.begin();
            if (kind == Kind.INDEPENDENT_STEP) {
                int step = allocation.result().step();
                arrivals = new ArrivalsDiscovery(run, near.get(), step, this::tell);
                arrivals.begin();
            }
        }
    }

    private void tell() {
        if (!scope.cancelled()) {
            later.accept(verdict().build());
        }
    }

    private NatBehavior.Builder verdict() {
        NatBehavior.Builder b =
                new Verdict(run, socket.local(), votes, tcp)
                        .of(mapping, filtering, allocation, hairpin);
        if (arrivals != null) {
            PortAllocation a = allocation.result();
            b.udp(
                    new Translation(
                            mapping.result(),
                            filtering.result(),
                            new PortAllocation(
                                    a.kind(),
                                    a.step(),
                                    a.confidence(),
                                    a.low(),
                                    a.high(),
                                    arrivals.result())));
        }
        return lifetime == null ? b : b.lifetime(lifetime.result());
    }

    private void fail(Throwable e) {
        over = true;
        told = true;
        tcp.end();
        run.closeAll();
        result.completeExceptionally(e);
    }
}
