// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap.testing;

import dev.karst.KarstException;
import dev.karst.core.Counters;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.RealWorld;
import dev.karst.net.netty.NettyDriver;
import dev.karst.spi.net.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** The core's real network on loopback. */
public final class Rig implements AutoCloseable {
    public final Counters counters = new Counters();
    private final NettyDriver driver = new NettyDriver(2);
    private final RealWorld world = new RealWorld(counters);

    public Rig() {
        world.coreNetwork().driver(driver);
    }

    public CoreScope scope() {
        return new CoreScope(world, world.lane("test"), counters, Instant.MAX);
    }

    public CoreScope scope(Duration limit) {
        Instant deadline = world.clock().instant().plus(limit);
        return new CoreScope(world, world.lane("test"), counters, deadline);
    }

    /** Sockets that are open. */
    public int open() {
        return world.coreNetwork().open();
    }

    public static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The way to a router of {@link FakeRouter}. */
    public static Network.Gateway route(InetAddress router) {
        String local = router.getAddress().length == 4 ? "127.0.0.1" : "::1";
        return new Network.Gateway("lo", address(local), Optional.of(router));
    }

    public static InetSocketAddress internal(InetAddress router, int port) {
        return new InetSocketAddress(route(router).local(), port);
    }

    public static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Why it failed. */
    public static KarstException failure(CompletionStage<?> stage) {
        try {
            Object o = stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
            throw new AssertionError("did not fail: " + o);
        } catch (ExecutionException e) {
            return (KarstException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        world.close();
        driver.stop();
    }
}
