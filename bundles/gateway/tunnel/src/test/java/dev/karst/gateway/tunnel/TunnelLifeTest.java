// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.tunnel.Forwarded;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TunnelLifeTest {
    private TunnelWorld world;

    @BeforeEach
    void build() throws IOException {
        world = new TunnelWorld();
    }

    @AfterEach
    void tearDown() throws IOException {
        world.close();
    }

    @Test
    void othersAreRefused() throws Exception {
        world.far.expose("web", world.target().toString(), Set.of(world.farNode.id()));
        int port = world.forward("0", "web").listen().port();
        TunnelWorld.assertReset(port);
        await().until(() -> world.near.forwarded().get(0).traffic().failed() == 1);
        assertTrue(
                world.near.forwarded().get(0).traffic().lastFailure().startsWith("NOT_PERMITTED"));
        assertEquals(1, world.nearScopes.count("tunnel.failed"));
        assertEquals(0, world.far.exposed().get(0).traffic().opened());
    }

    @Test
    void connectsLazilyAndTriesAgain() throws Exception {
        int port = world.tunnel();
        assertEquals(0, world.nearNode.connects.get());
        world.nearNode.unreachable = true;
        TunnelWorld.assertReset(port);
        world.nearNode.unreachable = false;
        Socket second = TunnelWorld.connect(port);
        world.accept().getOutputStream().write(5);
        assertEquals(5, second.getInputStream().read());
    }

    @Test
    void moreThanTheLimitAreRefusedAndCounted() throws Exception {
        world.close();
        world = new TunnelWorld(TunnelWorld.settings(2, 1, 60));
        int port = world.tunnel();
        Socket one = TunnelWorld.connect(port);
        world.accept();
        Socket two = TunnelWorld.connect(port);
        world.accept();
        TunnelWorld.assertReset(port);
        assertEquals(1, world.near.forwarded().get(0).traffic().refused());
        assertEquals(1, world.nearScopes.count("tunnel.refused"));
        one.setSoLinger(true, 0);
        one.close();
        await().until(() -> world.near.forwarded().get(0).traffic().active() == 1);
        await().until(() -> world.far.exposed().get(0).traffic().active() == 1);
        Socket four = TunnelWorld.connect(port);
        world.accept().getOutputStream().write(4);
        assertEquals(4, four.getInputStream().read());
        two.close();
    }

    @Test
    void outliveARestartOfTheCore() throws Exception {
        int port = world.tunnel();
        Socket before = TunnelWorld.connect(port);
        world.accept();
        world.near.unbindNode(world.nearNode);
        world.near.unbindScopes(world.nearScopes);
        world.far.unbindScopes(world.farScopes);
        assertThrows(SocketException.class, () -> before.getInputStream().read());
        awaitRefused(port);
        assertEquals("waiting for the core", world.near.forwarded().get(0).state());
        assertEquals("waiting for the core", world.far.exposed().get(0).state());

        world.near.bindScopes(world.nearScopes);
        world.near.bindNode(world.nearNode);
        world.far.bindScopes(world.farScopes);
        await().until(() -> world.near.forwarded().get(0).state().equals("listening"));
        Socket after = TunnelWorld.connect(port);
        world.accept().getOutputStream().write(9);
        assertEquals(9, after.getInputStream().read());
    }

    @Test
    void replacedNodeIsBoundBeforeTheOldOneLeaves() throws Exception {
        int port = world.tunnel();
        FakeNode next = new FakeNode(1, world.nodes, world.threads);
        world.near.bindNode(next);
        world.near.unbindNode(world.nearNode);
        await().until(() -> world.near.forwarded().get(0).state().equals("listening"));
        TunnelWorld.connect(port);
        world.accept();
        assertEquals(1, next.connects.get());
    }

    @Test
    void removalEndsConnections() throws Exception {
        int port = world.tunnel();
        Socket one = TunnelWorld.connect(port);
        world.accept();
        assertTrue(world.far.unexpose("web"));
        assertFalse(world.far.unexpose("web"));
        assertThrows(SocketException.class, () -> one.getInputStream().read());
        assertTrue(world.near.unforward("127.0.0.1:" + port));
        assertFalse(world.near.unforward("127.0.0.1:" + port));
        awaitRefused(port);
    }

    @Test
    void portInUseIsToldAndNothingRemains() {
        String taken = "tcp://127.0.0.1:" + world.service.getLocalPort();
        ExecutionException e =
                assertThrows(
                        ExecutionException.class,
                        () ->
                                world.near
                                        .forward(taken, world.farNode.id(), "web")
                                        .toCompletableFuture()
                                        .get());
        KarstException k = (KarstException) e.getCause();
        assertEquals(KarstException.Code.IO, k.code());
        assertTrue(k.getMessage().contains(taken), k.getMessage());
        assertTrue(world.near.forwarded().isEmpty());
    }

    @Test
    void configuredTunnelsStayUntilTheirConfigurationGoes() {
        Runnable remove =
                world.near.configure("the.pid~web", "tcp://127.0.0.1:0", world.farNode.id(), "web");
        await().until(() -> world.near.forwarded().get(0).state().equals("listening"));
        Forwarded f = world.near.forwarded().get(0);
        assertEquals("the.pid~web", f.origin());
        KarstException e =
                assertThrows(
                        KarstException.class, () -> world.near.unforward(f.listen().toString()));
        assertTrue(e.getMessage().contains("the.pid~web"));
        remove.run();
        assertTrue(world.near.forwarded().isEmpty());

        Runnable close =
                world.far.configure("pid~x", "x", "tcp://:80", Optional.of(Set.of(f.peer())));
        assertEquals("tcp://127.0.0.1:80", world.far.exposed().get(0).target().toString());
        assertThrows(KarstException.class, () -> world.far.unexpose("x"));
        close.run();
        assertTrue(world.far.exposed().isEmpty());
    }

    @Test
    void wrongSettingsAreNamed() {
        PeerId peer = world.nearNode.id();
        wrong("names no peers", () -> world.far.expose("web", "tcp://:80", Set.of()));
        wrong("target must look like", () -> world.far.expose("web", "http://x", Set.of(peer)));
        wrong("service name", () -> world.far.expose("a/b", "tcp://:80", Set.of(peer)));
        world.far.exposeToAnyone("web", "80");
        wrong("exposed already", () -> world.far.expose("web", "tcp://:81", Set.of(peer)));
    }

    @Test
    void wrongConfigurationsHaveNoEffect() {
        new ConfiguredExposure(world.far, expose(), Map.of("service.pid", "p~1")).stop();
        assertTrue(world.far.exposed().isEmpty());
        ConfiguredExposure good =
                new ConfiguredExposure(world.far, expose(world.nearNode.id().toString()), Map.of());
        assertEquals("open", world.far.exposed().get(0).state());
        good.stop();
        assertTrue(world.far.exposed().isEmpty());
    }

    private static ExposeSettings expose(String... peers) {
        return new ExposeSettings() {
            @Override
            public String name() {
                return "web";
            }

            @Override
            public String target() {
                return "8080";
            }

            @Override
            public String[] peers() {
                return peers;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return ExposeSettings.class;
            }
        };
    }

    private static void awaitRefused(int port) {
        await().until(
                        () -> {
                            try (Socket s = TunnelWorld.connect(port)) {
                                return false;
                            } catch (ConnectException e) {
                                return true;
                            }
                        });
    }

    private static void wrong(String expected, Runnable call) {
        KarstException e = assertThrows(KarstException.class, call::run);
        assertEquals(KarstException.Code.CONFIGURATION, e.code());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
    }
}
