// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import dev.karst.AccessPolicy;
import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.itests.sim.BusProfile;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * One seed of what a session must survive: two nodes meet (one calls, or both at once), 1 MiB goes
 * through a stream one way and some the other way, while connections are cut at random moments:
 * noticed by both sides, by one, or by nobody. Both hashes must be right, the pipe never closed
 * before its end, and each side must have one session, with one path in the end.
 */
public final class SessionSeed {
    private static final ProtocolId PROTOCOL = ProtocolId.of("sim/bytes");
    private static final int SIZE = 1 << 20;
    private static final Duration READY = Duration.ofSeconds(30);
    private static final Duration MEET = Duration.ofMinutes(5);
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private final SimWorld world;
    private final RandomGenerator random;
    private final List<String> trouble = new ArrayList<>();
    private final List<Bytes> ends = new ArrayList<>();
    private final SimNode a;
    private final SimNode b;
    private final Faults faults;
    private final Duration storm;
    private final boolean crossing;
    private final boolean byDirectory;
    private final byte[] there;
    private final byte[] back;
    private StreamPipe opened;
    private StreamPipe acceptedPipe;
    private Bytes out;
    private Bytes in;

    /**
     * What came of it.
     *
     * @param digest of everything that happened
     * @param events what was simulated, for people
     */
    public record Outcome(long digest, Duration simulated, int faults, String events) {}

    private SessionSeed(long seed) {
        world = new SimWorld(seed);
        random = world.random("scenario");
        crossing = random.nextInt(3) == 0;
        byDirectory = random.nextBoolean();
        long rate = random.nextLong(400_000, 4_000_000);
        storm = Duration.ofNanos(300_000_000 + (SIZE * 1_300_000_000L) / rate);
        world.defaultProfile(
                LinkProfile.of(Duration.ofMillis(random.nextInt(1, 90)))
                        .withJitter(Duration.ofMillis(random.nextInt(20)))
                        .withLoss(random.nextInt(4) == 0 ? 0.02 : 0)
                        .withRate(rate));
        SimBus bus = new SimBus(world);
        if (random.nextBoolean()) {
            bus.profile(BusProfile.bad());
        }
        SimHost hostA = world.host("a");
        SimHost hostB = world.host("b");
        hostA.skew(Duration.ofMinutes(random.nextInt(-200, 200)));
        int who = random.nextInt(100);
        int crypto = random.nextInt(4);
        a = new SimNode(hostA, Cast.person(who), bus, Cast.crypto(crypto));
        b =
                new SimNode(
                        hostB,
                        Cast.person(who + 1 + random.nextInt(5)),
                        bus,
                        Cast.crypto(crypto / 2));
        there = Bytes.random(random, SIZE);
        back = Bytes.random(random, random.nextInt(1, SIZE / 4));
        faults = new Faults(world, random, a, b, bus);
    }

    /**
     * Plays one seed.
     *
     * @throws AssertionError if a promise was broken; shows the seed and what happened last
     */
    public static Outcome play(long seed) {
        SessionSeed s = new SessionSeed(seed);
        try {
            return s.play();
        } catch (AssertionError e) {
            throw e;
        } catch (RuntimeException e) {
            throw s.world.failure("failed: " + e, e);
        }
    }

    private Outcome play() {
        for (SimNode n : List.of(a, b)) {
            n.node().watch(e -> event(n, e));
            n.node().accept(PROTOCOL, AccessPolicy.any(), new Acceptor());
        }
        world.runUntil("ready", () -> a.node().ready() && b.node().ready(), READY);
        if (crossing) {
            world.after(Duration.ofNanos(random.nextLong(60_000_000)), () -> call(b, a, 0));
        }
        CompletableFuture<Peer> met = call(a, b, 0);
        if (random.nextInt(3) == 0) {
            faults.during(Duration.ofMillis(500), 1);
        }
        Peer peer = world.await(met, MEET);
        int window = random.nextBoolean() ? 64 << 10 : 2 << 20;
        CompletableFuture<Void> open =
                peer.openStream(PROTOCOL, new PipeOptions(window))
                        .thenAccept(
                                p -> {
                                    opened = p;
                                    out = bytes(p, there, random.nextInt(1000, 70_000));
                                })
                        .toCompletableFuture();
        faults.during(storm, random.nextInt(1, 6));
        world.await(open, LIMIT);
        boolean done =
                world.runs(
                        () -> !trouble.isEmpty() || out.done() && in != null && in.done(), LIMIT);
        check(done, "not done within " + LIMIT);
        check(trouble.isEmpty(), "trouble: " + trouble);
        check(in.got(there), "what arrived is not what was sent");
        check(out.got(back), "what came back is not what was sent");
        world.await(opened.closed(), MEET);
        world.await(acceptedPipe.closed(), MEET);
        world.run(Duration.ofSeconds(90));
        quiet(a, b);
        quiet(b, a);
        check(trouble.isEmpty(), "trouble: " + trouble);
        long digest = world.digest();
        Duration time = Duration.ofNanos(world.nanoTime());
        a.close();
        b.close();
        world.run(Duration.ofSeconds(5));
        check(world.tcpFlows().isEmpty(), "connections left: " + world.tcpFlows());
        return new Outcome(digest, time, faults.count(), faults.toString());
    }

    /** Calls until it works: while paths are being cut a single call may fail. */
    private CompletableFuture<Peer> call(SimNode from, SimNode to, int tries) {
        var stage =
                byDirectory && tries < 3
                        ? from.node().connect(to.node().id())
                        : from.node().connect(to.address());
        return stage.toCompletableFuture()
                .handle(
                        (p, e) -> {
                            if (e == null) {
                                return CompletableFuture.completedFuture(p);
                            }
                            world.trace("test", "connect failed " + e);
                            return tries > 20
                                    ? CompletableFuture.<Peer>failedFuture(e)
                                    : again(from, to, tries + 1);
                        })
                .thenCompose(f -> f);
    }

    private CompletableFuture<Peer> again(SimNode from, SimNode to, int tries) {
        CompletableFuture<Peer> f = new CompletableFuture<>();
        world.after(
                Duration.ofSeconds(1),
                () ->
                        call(from, to, tries)
                                .whenComplete(
                                        (p, e) -> {
                                            if (e == null) {
                                                f.complete(p);
                                            } else {
                                                f.completeExceptionally(e);
                                            }
                                        }));
        return f;
    }

    private Bytes bytes(StreamPipe pipe, byte[] data, int chunk) {
        Bytes bytes = new Bytes(pipe, data, chunk, trouble::add);
        ends.add(bytes);
        bytes.begin();
        return bytes;
    }

    private final class Acceptor implements PipeAcceptor {
        @Override
        public void stream(Peer peer, StreamPipe pipe) {
            if (acceptedPipe != null) {
                trouble.add("a second pipe was accepted");
                return;
            }
            acceptedPipe = pipe;
            in = bytes(pipe, back, random.nextInt(1000, 70_000));
        }
    }

    private void event(SimNode n, NodeEvent e) {
        world.trace(n.host().name(), e.toString());
        if (n.node().peers().size() > 1) {
            trouble.add("two sessions at " + n.host());
        }
        if (opened == null) {
            return; // until then a merge may end the session that lost
        }
        if (e instanceof NodeEvent.PeerChanged c && c.state() == PeerState.CLOSED) {
            trouble.add("session closed at " + n.host() + ": " + c.why());
        }
        boolean open = opened.state() != PipeState.CLOSED || out.done();
        if (!open) {
            trouble.add("the pipe was closed before its end");
        }
    }

    /** After the storm: one session, connected, one path. */
    private void quiet(SimNode n, SimNode other) {
        List<Peer> peers = n.node().peers();
        check(peers.size() == 1, peers.size() + " sessions at " + n.host());
        Peer p = peers.get(0);
        check(p.id().equals(other.node().id()), "the wrong peer");
        check(p.state() == PeerState.CONNECTED, p.state() + " at " + n.host());
        check(p.paths().size() == 1, p.paths() + " at " + n.host());
        check(p.pipes().isEmpty(), "pipes left at " + n.host() + ": " + p.pipes());
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            throw world.failure(
                    String.join(
                            "\n",
                            otherwise,
                            faults.toString(),
                            ends.toString(),
                            state(a),
                            state(b)),
                    null);
        }
    }

    private static String state(SimNode n) {
        StringBuilder out = new StringBuilder(n.host() + ": " + n.counters().snapshot());
        for (Peer p : n.node().peers()) {
            out.append(' ').append(p).append(' ').append(p.pipes()).append(' ').append(p.paths());
        }
        return out.toString();
    }
}
