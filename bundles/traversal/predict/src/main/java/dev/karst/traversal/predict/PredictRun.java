// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.IpAddresses;
import dev.karst.Subscription;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PunchSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * One attempt: the initiator compares clocks and plans rounds, the other side follows; the first
 * path that is proven ends it. On the attempt's executor.
 */
final class PredictRun implements Round.Owner {
    private static final int SAMPLES = 2;
    private static final int ASKS = 6;
    private static final Duration ASK_AGAIN = Duration.ofMillis(700);
    private static final Duration IDLE = Duration.ofSeconds(12);
    private static final Duration PROVING = Duration.ofSeconds(2);
    private static final long MARGIN = 20_000_000L;
    private static final long LATEST = 10_000_000_000L;
    private static final int ROUNDS = 8;

    private final Attempt attempt;
    private final Limits limits;
    private final CompletableFuture<Path> result;
    private final long began;
    private final Clocks clocks = new Clocks();
    private final Deque<Way> plan = new ArrayDeque<>();
    private final Deque<TcpSocket> connected = new ArrayDeque<>();
    private final List<Note.Place> early = new ArrayList<>();
    private List<Chances.Option> options = List.of();
    private Situation situation;
    private Round round;
    private Subscription idle = () -> {};
    private int number;
    private int asks;
    private int proving;
    private String lastWhy = "";
    private boolean over;

    PredictRun(Attempt attempt, Limits limits, CompletableFuture<Path> result) {
        this.attempt = attempt;
        this.limits = limits;
        this.result = result;
        began = attempt.scope().nanoTime();
    }

    void begin() {
        Subscription onCancel =
                attempt.scope()
                        .onCancel(
                                () ->
                                        result.completeExceptionally(
                                                new CancellationException("cancelled")));
        result.whenComplete((path, e) -> onCancel.close());
        attempt.scope()
                .executor()
                .execute(
                        () -> {
                            try {
                                start();
                            } catch (RuntimeException e) { // the core refuses, and says why
                                fail(reason(e));
                            }
                        });
    }

    private void start() {
        Optional<NatBehavior> local = attempt.localNat().ipv4();
        Optional<InetAddress> target =
                attempt.remoteNat()
                        .ipv4()
                        .flatMap(NatBehavior::mapped)
                        .map(InetSocketAddress::getAddress)
                        .filter(a -> a instanceof Inet4Address && IpAddresses.isPublic(a));
        options =
                Chances.options(
                        attempt.localNat(), attempt.remoteNat(), limits, attempt.initiator());
        if (options.isEmpty()) {
            fail("nothing to predict between these two NATs");
            return;
        }
        if (target.isEmpty()) {
            fail("no server saw the peer at a public address: its ports are not tried");
            return;
        }
        List<InetSocketAddress> servers =
                local.get().servers().stream()
                        .filter(s -> s.getAddress() instanceof Inet4Address)
                        .toList();
        if (servers.isEmpty()) {
            fail("no STUN server is known that tells where new sockets are seen");
            return;
        }
        situation =
                new Situation(
                        attempt,
                        limits,
                        clocks,
                        new Pace(attempt.scope(), limits.perSecond()),
                        target.get(),
                        servers,
                        new ArrayList<>(),
                        new ArrayList<>());
        options.forEach(o -> attempt.evidence("may try " + text(o)));
        attempt.told(m -> Note.read(m).ifPresentOrElse(this::told, this::unread));
        if (attempt.initiator()) {
            schedule();
            ask();
        } else {
            waitForPlan();
        }
    }

    private static String text(Chances.Option o) {
        return o.way() + " with " + Math.round(1_000 * o.odds().chance()) / 10.0 + " %";
    }

    /** The best twice, the others once, and again; a spread once, or the peer's IP had too much. */
    private void schedule() {
        Way best = options.get(0).way();
        plan.add(best);
        for (int i = 0; i < 2; i++) {
            for (Chances.Option o : options) {
                if (!o.way().spread() || !plan.contains(o.way())) {
                    plan.add(o.way());
                }
            }
        }
    }

    // ---- messages

    private void unread() {
        attempt.scope().count("predict.bad-message");
    }

    @Override
    public void tell(Note n) {
        attempt.tell(n.bytes())
                .whenComplete(
                        (x, e) -> {
                            if (e != null) {
                                attempt.scope().count("predict.not-told");
                                attempt.evidence("a message was not sent: " + reason(e));
                            }
                        });
    }

    @Override
    public void evidence(String line) {
        attempt.evidence(line);
    }

    private void told(Note n) {
        if (over) {
            return;
        }
        long now = attempt.scope().nanoTime();
        if (n instanceof Note.Ask a && !attempt.initiator()) {
            tell(new Note.Reply(a.time(), now));
        } else if (n instanceof Note.Reply r && attempt.initiator()) {
            clocks.sample(r.asked(), r.time(), now);
            if (number == 0 && clocks.samples() >= SAMPLES) {
                next();
            } else if (number == 0) {
                ask();
            }
        } else if (n instanceof Note.Plan p && !attempt.initiator() && p.round() > number) {
            follow(p, now);
        } else if (n instanceof Note.Place p) {
            if (round != null && p.round() == number) {
                round.theirs(p);
            } else if (p.round() > number && early.size() < ROUNDS) {
                early.add(p);
            }
        } else if (n instanceof Note.Open o && round != null && o.round() == number) {
            round.opened(o.sockets());
        }
    }

    private void ask() {
        if (over || number > 0 || clocks.samples() >= SAMPLES) {
            return;
        }
        if (asks++ == ASKS) {
            fail("the peer does not answer messages");
            return;
        }
        tell(new Note.Ask(attempt.scope().nanoTime()));
        attempt.scope()
                .after(
                        ASK_AGAIN,
                        () -> {
                            if (number == 0 && clocks.samples() > 0) {
                                next();
                            } else {
                                ask();
                            }
                        });
    }

    // ---- rounds

    /** The initiator's: both sides look at the moment when the message must have arrived. */
    private void next() {
        if (over) {
            return;
        }
        Way way = plan.poll();
        if (way == null || number == ROUNDS) {
            exhausted();
            return;
        }
        long begin = attempt.scope().nanoTime() + clocks.rtt() / 2 + MARGIN;
        tell(new Note.Plan(number + 1, way, clocks.theirs(begin), clocks.ahead(), clocks.rtt()));
        begin(number + 1, way, begin);
    }

    private void follow(Note.Plan p, long now) {
        clocks.told(p.ahead(), p.rtt());
        boolean allowed = !p.way().spread() || options.stream().anyMatch(o -> o.way() == p.way());
        if (!allowed || p.begin() - now > LATEST) {
            attempt.scope().count("predict.refused-plan");
            return;
        }
        waitForPlan();
        begin(p.round(), p.way(), p.begin());
    }

    private void waitForPlan() {
        idle.close();
        idle =
                attempt.scope()
                        .after(
                                IDLE,
                                () -> {
                                    if ((round == null || round.isOver()) && proving == 0) {
                                        fail(
                                                lastWhy.isEmpty()
                                                        ? "the peer planned nothing"
                                                        : lastWhy);
                                    } else {
                                        waitForPlan();
                                    }
                                });
    }

    private void begin(int which, Way way, long when) {
        if (round != null) {
            round.end(null);
        }
        number = which;
        boolean ownRandom =
                way == (attempt.initiator() ? Way.SPREAD_BY_INITIATOR : Way.SPREAD_BY_RESPONDER);
        round =
                switch (way) {
                    case PORTS -> new PortsRound(situation, this, which);
                    case TCP -> new TcpRound(situation, this, which);
                    default -> new SpreadRound(situation, this, which, ownRandom);
                };
        attempt.evidence("round " + which + ": " + way + after());
        Round mine = round;
        long wait = Math.max(0, when - attempt.scope().nanoTime());
        attempt.scope()
                .after(
                        Duration.ofNanos(wait),
                        () -> {
                            if (!over && mine == round) {
                                mine.begin();
                            }
                        });
        early.stream().filter(p -> p.round() == which).forEach(mine::theirs);
    }

    @Override
    public void over(Round which, String why) {
        attempt.evidence("round " + which.number + ": " + why + after());
        lastWhy = why;
        if (which != round || over) {
            return;
        }
        round = null;
        if (attempt.initiator()) {
            goOn();
        }
    }

    /** Not while a connection may still turn out to be the peer's. */
    private void goOn() {
        if (proving > 0 || !connected.isEmpty()) {
            attempt.scope().after(PROVING, this::goOn);
        } else if (round == null) {
            next();
        }
    }

    private void exhausted() {
        fail(
                "after "
                        + number
                        + (number == 1 ? " round: " : " rounds: ")
                        + lastWhy
                        + " ("
                        + String.join(", ", options.stream().map(PredictRun::text).toList())
                        + ")");
    }

    // ---- what was found

    @Override
    public void won(Round by, PunchSocket socket, InetSocketAddress remote) {
        attempt.evidence("both have " + IpAddresses.text(remote) + after());
        proving++;
        CompletionStage<Path> path;
        try {
            path = attempt.over(attempt.flow(socket, remote));
        } catch (RuntimeException e) {
            path = CompletableFuture.failedFuture(e);
        }
        prove(remote, path);
    }

    @Override
    public void connected(TcpSocket socket) {
        if (over) {
            socket.close();
            return;
        }
        attempt.evidence("connected to " + IpAddresses.text(socket.remote()) + after());
        connected.add(socket);
        proveConnected();
    }

    /** The initiator one after the other, the other side each: so one is chosen. */
    private void proveConnected() {
        while (!connected.isEmpty() && (proving == 0 || !attempt.initiator())) {
            TcpSocket s = connected.poll();
            proving++;
            prove(s.remote(), attempt.over(s));
        }
    }

    private void prove(InetSocketAddress remote, CompletionStage<Path> path) {
        path.thenCompose(attempt::prove)
                .whenComplete(
                        (p, e) -> attempt.scope().executor().execute(() -> proven(remote, p, e)));
    }

    private void proven(InetSocketAddress remote, Path path, Throwable e) {
        proving--;
        if (e == null) {
            attempt.evidence(IpAddresses.text(remote) + " proved the peer" + after());
            end();
            if (!result.complete(path)) {
                path.close();
            }
            return;
        }
        lastWhy = IpAddresses.text(remote) + " not proven: " + reason(e);
        attempt.evidence(lastWhy);
        proveConnected();
        if (attempt.initiator() && round != null && round.isOver()) {
            round = null;
            goOn();
        }
    }

    private void fail(String why) {
        if (!over) {
            end();
            result.completeExceptionally(new NoPathException(why));
        }
    }

    private void end() {
        over = true;
        idle.close();
        if (round != null) {
            round.end(null);
        }
        connected.forEach(TcpSocket::close);
        connected.clear();
    }

    private String after() {
        return " after " + (attempt.scope().nanoTime() - began) / 1_000_000 + " ms";
    }

    static String reason(Throwable e) {
        Throwable t = e;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        return t == null || t.getMessage() == null ? String.valueOf(t) : t.getMessage();
    }
}
