// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.IpAddresses;
import dev.karst.Subscription;
import dev.karst.lib.ice.CandidateType;
import dev.karst.lib.ice.IceAgent;
import dev.karst.lib.ice.IceCandidate;
import dev.karst.lib.ice.IcePairReport;
import dev.karst.lib.ice.IcePath;
import dev.karst.lib.ice.IceSettings;
import dev.karst.lib.ice.IceSink;
import dev.karst.lib.stun.StunTiming;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PunchSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One attempt: an ICE agent with sockets and timers. All of it runs on the attempt's executor. */
final class PunchRun implements IceSink {
    private static final Duration PACE = Duration.ofMillis(20);
    private static final StunTiming CHECKS = new StunTiming(Duration.ofMillis(250), 6, 8);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration DIRECT_GRACE = Duration.ofMillis(50);
    private static final Duration RELAY_GRACE = Duration.ofMillis(150);
    private static final Duration UNTIL_RELAY = Duration.ofMillis(150);
    private static final Duration VACATED_AFTER = Duration.ofMillis(100);
    private static final int VACATED = 7;
    private static final double LOW = 0.2;
    private static final int PLACES_TOLD = 10;

    private final Attempt attempt;
    private final CompletableFuture<Path> result;
    private final long began;
    private final boolean hopeless;
    private final boolean relayOnly;
    private final Relaying relaying;
    private final Set<InetSocketAddress> heard = new HashSet<>();
    private final Set<InetSocketAddress> inUse = new HashSet<>();
    private final IceAgent agent;
    private final Ends ends;

    private Subscription timer = () -> {};
    private PunchSocket chosen;
    private int places;
    private boolean valid;
    private boolean over;

    PunchRun(Attempt attempt, CompletableFuture<Path> result) {
        this.attempt = attempt;
        this.result = result;
        began = attempt.scope().nanoTime();
        hopeless = Chances.of(attempt.localNat(), attempt.remoteNat()).chance() < LOW;
        relayOnly = Chances.relayOnly(attempt.localNat(), attempt.remoteNat());
        relaying = new Relaying(attempt);
        agent =
                new IceAgent(
                        IceSettings.STANDARD
                                .pacing(PACE, CHECKS)
                                .patience(PATIENCE)
                                .grace(DIRECT_GRACE, hopeless ? DIRECT_GRACE : RELAY_GRACE),
                        attempt.initiator(),
                        Credentials.of(attempt.id(), attempt.initiator()),
                        Credentials.of(attempt.id(), !attempt.initiator()),
                        attempt.scope().secureRandom(),
                        this,
                        began);
        ends = new Ends(attempt, this::datagram);
    }

    void begin() {
        Subscription onCancel = attempt.scope().onCancel(this::cancelled);
        result.whenComplete((path, e) -> onCancel.close());
        attempt.scope()
                .executor()
                .execute(
                        () -> {
                            try {
                                start();
                            } catch (RuntimeException e) { // the core refuses, and says why
                                fail(Words.reason(e));
                            }
                        });
    }

    private void cancelled() {
        result.completeExceptionally(new CancellationException("cancelled"));
    }

    private void start() {
        if (Chances.shut(attempt.localNat()) && relayOnly) {
            attempt.evidence("UDP does not leave this side");
        } else {
            List<PunchSocket> sockets = attempt.sockets();
            if (sockets.isEmpty()) {
                fail("this node has no UDP socket to punch with");
                return;
            }
            sockets.forEach(this::add);
        }
        Places.of(attempt.remoteCandidates(), attempt.remoteNat()).forEach(this::place);
        attempt.told(m -> Note.read(m).ifPresentOrElse(this::noted, this::unread));
        if (hopeless) {
            askForRelay(
                    relayOnly
                            ? "UDP is blocked on one side"
                            : "the NATs hardly let a direct pair through");
        } else {
            attempt.scope()
                    .after(
                            UNTIL_RELAY,
                            () ->
                                    askForRelay(
                                            "no direct pair after "
                                                    + UNTIL_RELAY.toMillis()
                                                    + " ms"));
        }
        turn();
    }

    private void add(PunchSocket s) {
        attempt.evidence(
                "from "
                        + IpAddresses.text(s.local())
                        + s.mapped().map(a -> ", outside " + IpAddresses.text(a)).orElse("")
                        + s.forwarded().map(a -> ", forwarded " + IpAddresses.text(a)).orElse(""));
        ends.add(s, CandidateType.HOST, agent);
    }

    private void place(IceCandidate c) {
        if (places++ < PLACES_TOLD) {
            attempt.evidence("the peer may be at " + c);
        }
        if (c.type() == CandidateType.RELAYED) {
            attempt.relayed(c.address().getAddress());
        }
        relaying.peer(c.address().getAddress());
        agent.addRemote(c);
    }

    private void noted(Note n) {
        if (!over && Places.usable(n.address())) {
            place(Places.candidate(n.type(), n.address(), 0));
            turn();
        }
    }

    private void unread() {
        attempt.scope().count("udppunch.bad-message");
    }

    private void askForRelay(String why) {
        if (!over && !valid) {
            relaying.ask(
                    why,
                    this::relay,
                    e -> {
                        if (relayOnly && ends.none()) {
                            fail("UDP is blocked on this side, and there is no relay: " + e);
                        }
                    },
                    () -> {
                        agent.directOnly();
                        turn();
                    });
        }
    }

    private void relay(RelayPunchSocket relay) {
        if (over) {
            relay.close();
        } else {
            ends.add(relay, CandidateType.RELAYED, agent);
            turn();
        }
    }

    private void datagram(int socket, InetSocketAddress from, ByteBuffer bytes) {
        if (!over) {
            agent.receive(attempt.scope().nanoTime(), socket, from, bytes);
            turn();
        }
    }

    /** Does what is due, and comes back when the next is. */
    private void turn() {
        timer.close();
        if (over) {
            return;
        }
        long now = attempt.scope().nanoTime();
        agent.wake(now);
        long at = agent.wakeAt();
        if (!over && at != Long.MAX_VALUE) {
            timer = attempt.scope().after(Duration.ofNanos(Math.max(0, at - now)), this::turn);
        }
    }

    @Override
    public void send(int socket, InetSocketAddress to, byte[] stun) {
        ends.send(socket, to, stun);
    }

    @Override
    public void heard(int socket, InetSocketAddress from) {
        if (heard.size() < PLACES_TOLD && heard.add(from)) {
            attempt.evidence("a check of the peer came from " + IpAddresses.text(from) + after());
            relaying.peer(from.getAddress());
        }
    }

    /** A path over the same two addresses has to end before there is room for another. */
    @Override
    public boolean free(IcePath p) {
        boolean taken = ends.get(p.socket()).taken(p.remote());
        if (taken && taken(p.remote())) {
            attempt.evidence(IpAddresses.text(p.remote()) + " answered, but is in use" + after());
        }
        return !taken;
    }

    private boolean taken(InetSocketAddress remote) {
        return inUse.size() < PLACES_TOLD && inUse.add(remote);
    }

    @Override
    public void valid(IcePath p) {
        valid |= !p.relayed();
        attempt.evidence(
                IpAddresses.text(p.remote())
                        + (p.relayed() ? ", by a relay," : "")
                        + " answered in "
                        + Words.millis(p.rtt())
                        + after());
    }

    @Override
    public void nominated(IcePath p) {
        if (chosen != null) {
            return;
        }
        chosen = ends.get(p.socket());
        attempt.evidence("chose " + IpAddresses.text(p.remote()) + after());
        if (p.relayed() && p.localType() != CandidateType.RELAYED) {
            attempt.relayed(p.remote().getAddress());
        }
        take(p, VACATED);
    }

    /** The peer may have left a path that still counts as alive here. */
    private void take(IcePath p, int tries) {
        if (over) {
            return;
        }
        if (tries > 0 && chosen.taken(p.remote())) {
            attempt.scope().after(VACATED_AFTER, () -> take(p, tries - 1));
            return;
        }
        CompletionStage<Path> path;
        try {
            DatagramFlow flow = attempt.flow(chosen, p.remote());
            path = attempt.over(flow);
        } catch (RuntimeException e) {
            path = CompletableFuture.failedFuture(e);
        }
        path.whenCompleteAsync((q, e) -> carried(p, q, e), attempt.scope().executor());
    }

    private void carried(IcePath p, Path path, Throwable e) {
        if (e != null) {
            chosen = null;
            fail(
                    IpAddresses.text(p.remote())
                            + " answers, but carries nothing: "
                            + Words.reason(e));
            return;
        }
        attempt.prove(path)
                .whenCompleteAsync(
                        (proven, why) -> proven(p, path, why), attempt.scope().executor());
    }

    private void proven(IcePath p, Path path, Throwable why) {
        if (why != null) {
            chosen = null;
            fail(IpAddresses.text(p.remote()) + " not proven: " + Words.reason(why));
            return;
        }
        attempt.evidence(IpAddresses.text(p.remote()) + " proved the peer" + after());
        end();
        if (!result.complete(path)) {
            path.close();
        }
    }

    @Override
    public void failed() {
        List<IcePairReport> pairs = agent.pairs();
        pairs.stream()
                .limit(PLACES_TOLD)
                .forEach(p -> attempt.evidence(Words.pair(p, ends.get(p.socket()).local())));
        fail(Words.verdict(attempt, pairs));
    }

    @Override
    public void count(String what) {
        attempt.scope().count(what);
    }

    private void fail(String why) {
        end();
        result.completeExceptionally(new NoPathException(why));
    }

    private void end() {
        over = true;
        timer.close();
        agent.close();
        ends.close(chosen);
    }

    private String after() {
        return " after " + (attempt.scope().nanoTime() - began) / 1_000_000 + " ms";
    }
}
