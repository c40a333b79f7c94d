// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.AccessPolicy;
import dev.karst.DatagramPipe;
import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.session.SimNode;
import dev.karst.itests.sim.swap.Broken.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Two whole nodes behind routers of any kind; a stream and datagrams go both ways while providers
 * are swapped and, in some seeds, everything else fails as well. No byte may be lost and no session
 * end; soon after the storm all is as before, and in the end nothing is left.
 */
final class SwapSeed {
    static final Duration BACK = Duration.ofSeconds(60);
    private static final ProtocolId STREAM = ProtocolId.of("sim/swap");
    private static final ProtocolId DATAGRAMS = ProtocolId.of("sim/swap-count");
    private static final Duration EXPLORING = Duration.ofSeconds(25);
    private static final Duration MEET = Duration.ofMinutes(2);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final Duration STORM = Duration.ofMinutes(10);
    private static final Duration SETTLE = Duration.ofMinutes(2);
    private static final Duration REST = Duration.ofMinutes(25);
    private static final Duration GOODBYE = Duration.ofSeconds(20);

    private final Scene scene;
    private final SimWorld world;
    private final RandomGenerator random;
    private final Site a;
    private final Site b;
    private final Duration storm;
    private final int chunk;
    private final Duration pace;
    private final List<String> trouble = new ArrayList<>();
    private final List<Integer> pauses = new ArrayList<>();
    private Stream out;
    private Stream in;
    private Datagrams there;
    private Datagrams back;
    private int suspended;
    private boolean traffic;
    private boolean lostSession;

    private SwapSeed(long seed, Consumer<String> echo) {
        scene = new Scene(seed, this::trouble);
        world = scene.world();
        if (echo != null) {
            world.echo(echo);
        }
        random = world.random("traffic");
        a = scene.a();
        b = scene.b();
        storm = Duration.ofMillis(random.nextInt(8_000, 30_000));
        chunk = random.nextInt(40, 600);
        pace = Duration.ofMillis(random.nextInt(20, 80));
    }

    /**
     * Plays one seed.
     *
     * @param echo told all that happens, line by line; null = nobody
     * @throws Broken if a promise was
     */
    static Tale play(long seed, Consumer<String> echo) {
        SwapSeed s = new SwapSeed(seed, echo);
        try {
            return s.play();
        } catch (Broken e) {
            throw e;
        } catch (RuntimeException | AssertionError e) {
            throw new Broken(Promise.OTHER, "failed: " + e, s.story());
        }
    }

    private void trouble(String what) {
        world.trace("TROUBLE", what);
        trouble.add(what);
    }

    private Tale play() {
        for (Site s : List.of(a, b)) {
            SimNode n = s.node();
            n.node().watch(e -> event(s, e));
            n.node().accept(STREAM, AccessPolicy.any(), new Acceptor());
            n.node().accept(DATAGRAMS, AccessPolicy.any(), new Acceptor());
        }
        world.run(EXPLORING);
        Peer peer = meet();
        world.run(CALM);
        scene.storm(storm);
        world.run(storm);
        until(() -> scene.chronicle().over(), STORM, Promise.OTHER, "the storm does not end");
        int recovered = recover();
        finish();
        int lost = out == null ? 0 : there.missing(back) + back.missing(there);
        int refused = there.refused() + back.refused();
        check(!scene.lossless() || lost == 0, Promise.BESIDE, lost + " datagrams were lost");
        beside(refused);
        settle();
        Tale tale =
                new Tale(
                        world.seed(),
                        scene.weather(),
                        world.digest(),
                        scene.chronicle().swaps(),
                        scene.chronicle().faults(),
                        suspended,
                        List.copyOf(pauses),
                        (int) (Math.max(in.silence(), out.silence()) / 1_000_000),
                        recovered,
                        in.received() + out.received(),
                        there.sent() + back.sent() + refused,
                        lost + refused);
        leave();
        return tale;
    }

    private void beside(int refused) {
        if (scene.weather() == Weather.BESIDE) {
            check(suspended == 0, Promise.BESIDE, "suspended " + suspended + " times");
            check(refused == 0, Promise.BESIDE, refused + " datagrams were refused");
        }
    }

    private Peer meet() {
        CompletableFuture<Peer> met =
                a.node().node().connect(b.node().node().address()).toCompletableFuture();
        until(met::isDone, MEET, Promise.OTHER, "they do not meet");
        check(!met.isCompletedExceptionally(), Promise.OTHER, "they do not meet: " + met);
        Peer peer = met.join();
        peer.openStream(STREAM, PipeOptions.defaults()).thenAccept(p -> out = begin(p));
        peer.openDatagrams(DATAGRAMS, PipeOptions.defaults()).thenAccept(p -> there = begin(p));
        until(
                () -> out != null && in != null && there != null && back != null,
                MEET,
                Promise.OTHER,
                "no pipes");
        traffic = true;
        return peer;
    }

    private Stream begin(StreamPipe p) {
        Stream s = new Stream(world, p, world.random("s" + p.peer()), chunk, pace, this::trouble);
        s.begin();
        return s;
    }

    private Datagrams begin(DatagramPipe p) {
        Datagrams d = new Datagrams(world, p, pace, this::trouble);
        d.begin();
        return d;
    }

    private final class Acceptor implements PipeAcceptor {
        @Override
        public void stream(Peer peer, StreamPipe pipe) {
            check(in == null, Promise.BYTES, "a second stream was accepted");
            in = begin(pipe);
        }

        @Override
        public void datagrams(Peer peer, DatagramPipe pipe) {
            check(back == null, Promise.BYTES, "second datagrams were accepted");
            back = begin(pipe);
        }
    }

    private void event(Site s, NodeEvent e) {
        world.trace(s.host().name(), e.toString());
        if (!traffic) {
            return; // until then a merge may end the session that lost
        }
        if (s.node().node().peers().size() > 1) {
            trouble("two sessions at " + s.host());
        }
        if (e instanceof NodeEvent.PeerChanged c && c.state() == PeerState.CLOSED) {
            lostSession = true;
            trouble("session closed at " + s.host() + ": " + c.why());
        } else if (e instanceof NodeEvent.PeerChanged c && c.state() == PeerState.SUSPENDED) {
            suspended++;
        } else if (e instanceof NodeEvent.Resumed r) {
            pauses.add((int) r.pause().toMillis());
        }
    }

    /** What was written when the last fault ended arrives soon. */
    private int recover() {
        long to = out.sent();
        long from = in.sent();
        until(
                () -> in.received() >= to && out.received() >= from && connected(a) && connected(b),
                BACK,
                Promise.OTHER,
                "not back within " + BACK);
        return (int) ((world.nanoTime() - scene.chronicle().lastEnd()) / 1_000_000);
    }

    private static boolean connected(Site s) {
        List<Peer> peers = s.node().node().peers();
        return peers.size() == 1 && peers.get(0).state() == PeerState.CONNECTED;
    }

    private void finish() {
        there.end();
        back.end();
        out.end();
        in.end();
        until(() -> out.done() && in.done(), BACK, Promise.BYTES, "the stream does not finish");
        check(in.got(out) && out.got(in), Promise.BYTES, "other bytes than were written");
        world.run(CALM); // for the last datagrams
    }

    /** One session each, with one path. */
    private void settle() {
        until(
                () -> quiet(a) && quiet(b),
                SETTLE,
                Promise.OTHER,
                "not one session with one path each");
        world.run(CALM);
        check(connected(a) && connected(b), Promise.SESSION, "not connected any more");
    }

    private static boolean quiet(Site s) {
        return connected(s) && s.node().node().peers().get(0).paths().size() == 1;
    }

    /** No session, then no node; nothing stays. */
    private void leave() {
        traffic = false;
        for (Site s : List.of(a, b, a)) {
            s.node().node().peers().forEach(Peer::disconnect);
            world.run(CALM);
        }
        world.run(REST);
        check(a.node().node().peers().isEmpty(), Promise.OTHER, "a session after its end");
        check(b.node().node().peers().isEmpty(), Promise.OTHER, "a session after its end");
        scene.checkRest();
        a.node().close();
        b.node().close();
        world.run(GOODBYE);
        scene.checkEnd();
        check(trouble.isEmpty(), Promise.OTHER, "trouble: " + trouble);
    }

    private void until(
            java.util.function.BooleanSupplier holds, Duration limit, Promise p, String otherwise) {
        boolean done = world.runs(() -> !trouble.isEmpty() || holds.getAsBoolean(), limit);
        check(
                trouble.isEmpty(),
                lostSession ? Promise.SESSION : Promise.OTHER,
                "trouble: " + trouble);
        check(done, p, otherwise);
    }

    private void check(boolean holds, Promise p, String otherwise) {
        if (!holds) {
            throw new Broken(p, otherwise, story());
        }
    }

    private String story() {
        return String.join(
                "\n",
                scene.toString(),
                scene.chronicle().toString(),
                "a " + out + ", b " + in,
                State.of(a),
                State.of(b));
    }
}
