// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.world;

import dev.karst.Subscription;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * Time, chance, threads and network, as one thing that the core is given: the real ones in a
 * container, virtual ones in the simulator. The core takes them from nowhere else.
 */
public interface World {
    Clock clock();

    long nanoTime();

    RandomGenerator random();

    SecureRandom secureRandom();

    /** A new executor that runs tasks one at a time and in order. */
    Executor lane(String name);

    /** Runs a short task that does not block, once, after {@code delay}. */
    Subscription after(Duration delay, Runnable task);

    /** A view of the network of its own, whose sockets end with it. */
    NetworkView openNetwork();

    /** Sockets made through {@link #network()} are closed by {@link #close()}. */
    interface NetworkView extends AutoCloseable {
        Network network();

        /** Takes over a socket that another view made; false if this view is closed. */
        boolean adopt(TcpSocket socket);

        /** Takes over a socket that another view made; false if this view is closed. */
        boolean adopt(UdpSocket socket);

        @Override
        void close();
    }
}
