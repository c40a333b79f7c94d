// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.KarstException;
import dev.karst.Subscription;
import dev.karst.core.Counters;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.RealWorld;
import dev.karst.net.netty.NettyDriver;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;

/** The core's real network and scopes, in which the mapper's time limits pass quickly. */
final class Rig implements AutoCloseable {
    final Counters counters = new Counters();
    final RealWorld world = new RealWorld(counters);
    final CoreScope core = new CoreScope(world, world.lane("upnp"), counters, Instant.MAX);
    private final NettyDriver driver = new NettyDriver(2);

    static {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    }

    Rig() {
        world.coreNetwork().driver(driver);
    }

    /** A scope in which a search gives up 60 times faster. */
    Scope searchesBriefly() {
        return new Hurried(core, 60, 1);
    }

    /** A scope in which a request is given up 20 times faster, too. */
    Scope waitsBriefly() {
        return new Hurried(core, 60, 20);
    }

    static Network.Gateway loopback(FakeGateway router) {
        return route("lo", router.address, router.address);
    }

    static Network.Gateway route(String name, InetAddress local, InetAddress router) {
        return new Network.Gateway(name, local, Optional.of(router));
    }

    static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static KarstException failure(CompletionStage<?> stage) {
        ExecutionException e =
                assertThrows(
                        ExecutionException.class,
                        () -> stage.toCompletableFuture().get(10, TimeUnit.SECONDS));
        return assertInstanceOf(KarstException.class, e.getCause());
    }

    /** Sockets that are open. */
    int sockets() {
        return world.coreNetwork().open();
    }

    long count(String counter) {
        return counters.get(counter);
    }

    @Override
    public void close() {
        core.cancel();
        world.close();
        driver.stop();
    }

    private record Hurried(Scope scope, int search, int exchange) implements Scope {
        @Override
        public Subscription after(Duration delay, Runnable task) {
            boolean brief = delay.compareTo(Http.LIMIT) < 0;
            return scope.after(delay.dividedBy(brief ? search : exchange), task);
        }

        @Override
        public Clock clock() {
            return scope.clock();
        }

        @Override
        public long nanoTime() {
            return scope.nanoTime();
        }

        @Override
        public RandomGenerator random() {
            return scope.random();
        }

        @Override
        public SecureRandom secureRandom() {
            return scope.secureRandom();
        }

        @Override
        public Executor executor() {
            return scope.executor();
        }

        @Override
        public Network network() {
            return scope.network();
        }

        @Override
        public Instant deadline() {
            return scope.deadline();
        }

        @Override
        public boolean cancelled() {
            return scope.cancelled();
        }

        @Override
        public Subscription onCancel(Runnable task) {
            return scope.onCancel(task);
        }

        @Override
        public void count(String name) {
            scope.count(name);
        }
    }
}
