// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import dev.karst.core.Counters;
import dev.karst.core.net.CoreNetwork;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.RealWorld;
import dev.karst.net.netty.NettyDriver;
import dev.karst.spi.net.NetDriver;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The real thing on this machine: scopes as the core hands them out, sockets, a driver. */
public final class LocalWorld implements AutoCloseable {
    private final Counters counters = new Counters();
    private final RealWorld world = new RealWorld(counters);
    private final Runnable stopDriver;

    private LocalWorld(NetDriver driver, Runnable stopDriver) {
        this.stopDriver = stopDriver;
        if (driver != null) {
            world.coreNetwork().driver(driver);
        }
    }

    /** Turned by Netty's event loops. */
    public static LocalWorld netty() {
        NettyDriver driver = new NettyDriver(2);
        return new LocalWorld(driver, driver::stop);
    }

    /** Without a driver: give it one through {@link #core()}. */
    public static LocalWorld undriven() {
        return new LocalWorld(null, () -> {});
    }

    public CoreNetwork core() {
        return world.coreNetwork();
    }

    /** A new scope without deadline. */
    public CoreScope scope() {
        return new CoreScope(world, world.lane("tck"), counters, Instant.MAX);
    }

    /** A new scope whose deadline is then; only what it is handed to keeps to it. */
    public CoreScope scope(Duration limit) {
        return new CoreScope(
                world, world.lane("tck"), counters, world.clock().instant().plus(limit));
    }

    public long count(String counter) {
        return counters.get(counter);
    }

    /** Everything that was counted, for messages. */
    public String counts() {
        return counters.snapshot().toString();
    }

    /** What comes of a stage within ten seconds; fails the test if it is an error. */
    public static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        world.close();
        stopDriver.run();
    }
}
