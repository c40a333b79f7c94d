// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.AccessPolicy;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.core.CoreConfig;
import dev.karst.core.Limits;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What peers see of a node whose core is updated, whose container restarts, or that is told to. */
class NodeRestartTest {
    private static final ProtocolId PROTOCOL = ProtocolId.of("echo");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final SimWorld world = new SimWorld(11);
    private final SimBus bus = new SimBus(world);
    private final SimHost hostA = world.host("a");
    private final SimHost hostB = world.host("b");
    private final List<PeerState> seen = new ArrayList<>();
    private SimNode a;
    private SimNode b;
    private Peer peer;
    private StreamPipe pipe;

    private static final class Echo implements PipeAcceptor {
        @Override
        public void stream(Peer from, StreamPipe p) {
            p.write(ByteBuffer.wrap(new byte[] {1}));
        }
    }

    private SimNode node(SimHost host, int who) {
        SimNode n = new SimNode(host, Cast.person(who), bus, Cast.crypto(0));
        n.node().accept(PROTOCOL, AccessPolicy.any(), new Echo());
        return n;
    }

    @BeforeEach
    void meet() {
        a = node(hostA, 1);
        b = node(hostB, 2);
        world.runUntil("ready", () -> a.node().ready() && b.node().ready(), LIMIT);
        peer = world.await(a.node().connect(b.address()).toCompletableFuture(), LIMIT);
        pipe = open();
        a.node()
                .watch(
                        e -> {
                            if (e instanceof NodeEvent.PeerChanged c) {
                                seen.add(c.state());
                            }
                        });
    }

    private StreamPipe open() {
        return world.await(
                peer.openStream(PROTOCOL, PipeOptions.defaults()).toCompletableFuture(), LIMIT);
    }

    private Code failure() {
        assertTrue(pipe.closed().toCompletableFuture().isCompletedExceptionally());
        try {
            pipe.closed().toCompletableFuture().get();
        } catch (ExecutionException | CompletionException e) {
            return ((KarstException) e.getCause()).code();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("no failure");
    }

    @Test
    void peersKeepTheSessionOfANodeThatComesBack() {
        b.node().close(false);
        world.runUntil("suspended", () -> peer.state() == PeerState.SUSPENDED, LIMIT);
        assertEquals(PipeState.SUSPENDED, pipe.state());
        world.run(Duration.ofSeconds(8));
        b = node(hostB, 2);
        world.runUntil("back", () -> peer.state() == PeerState.CONNECTED, LIMIT);
        world.runUntil("the old pipe", () -> pipe.state() == PipeState.CLOSED, LIMIT);
        assertEquals(Code.PEER_RESTARTED, failure());
        world.run(Duration.ofSeconds(1));
        assertEquals(List.of(PeerState.SUSPENDED, PeerState.CONNECTED), seen);
        assertSame(peer, a.node().peers().get(0));
        assertEquals(PipeState.OPEN, open().state());
    }

    @Test
    void aNodeThatGoesForGoodSaysSo() {
        b.node().close(true);
        world.runUntil("closed", () -> peer.state() == PeerState.CLOSED, LIMIT);
        assertFalse(seen.contains(PeerState.SUSPENDED));
    }

    @Test
    void otherSettingsBreakNothing() {
        List<Endpoint> before = b.node().listening();
        CoreConfig next =
                new CoreConfig(
                        List.of(Endpoint.parse("tcp://[::]:4711")), List.of(), Limits.defaults());
        assertEquals(List.of(), b.node().configure(next));
        world.runUntil(
                "listens there",
                () -> b.node().listening().stream().anyMatch(e -> e.port() == 4711),
                LIMIT);
        assertTrue(b.node().listening().stream().noneMatch(before::contains));
        world.run(Duration.ofSeconds(20));
        assertEquals(List.of(), seen);
        assertEquals(PipeState.OPEN, pipe.state());
        SimNode c = node(world.host("c"), 3);
        world.runUntil("ready", () -> c.node().ready(), LIMIT);
        world.await(c.node().connect(b.address()).toCompletableFuture(), LIMIT);
    }

    @Test
    void fewerSessionsAreForNewOnes() {
        Limits d = Limits.defaults();
        Limits one =
                new Limits(
                        1,
                        d.pipesPerSession(),
                        d.window(),
                        d.replayPerPeer(),
                        d.replayPerNode(),
                        d.suspendLimit(),
                        d.connectTimeout(),
                        d.handshakeTimeout(),
                        d.pendingHandshakes(),
                        d.pingInterval(),
                        d.pingTimeout(),
                        d.signalsPerSecond());
        a.node().configure(new CoreConfig(List.of(Endpoint.parse("tcp://[::]:0")), List.of(), one));
        SimNode c = node(world.host("c"), 3);
        world.runUntil("ready", () -> c.node().ready(), LIMIT);
        var refused = a.node().connect(c.address()).toCompletableFuture();
        assertTrue(refused.isCompletedExceptionally());
        assertEquals(PeerState.CONNECTED, peer.state());
    }
}
