// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi;

import dev.karst.Subscription;
import dev.karst.spi.net.Network;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Everything a provider needs of the outside world, for as long as one piece of work lasts. The
 * core hands it out with a call and cancels it when the work is over, its deadline passed, or the
 * provider leaves; from then on timers no longer fire, tasks no longer start, and sockets made
 * through {@link #network()} are closed or taken over by the core.
 *
 * <p>Thread-safe. In the simulator all of it is virtual: a provider that takes time, chance,
 * threads and sockets from nowhere else runs there unchanged.
 */
@ProviderType
public interface Scope {
    /** Wall clock; only for what is shown to people and record lifetimes. */
    Clock clock();

    /** Monotonic time in nanoseconds, for everything that measures. */
    long nanoTime();

    /** Fast and predictable: jitter, probe order. Never for secrets. */
    RandomGenerator random();

    /** For secrets, nonces and transaction ids. */
    SecureRandom secureRandom();

    /**
     * Runs tasks of this provider off the calling thread, one at a time and in order. May block
     * briefly; a task that hangs is counted and its thread given up.
     */
    Executor executor();

    /** Sockets, DNS, interfaces: the only way to the network. */
    Network network();

    /**
     * Runs {@code task} on {@link #executor()} after {@code delay}, once, unless the subscription
     * is closed or the scope is cancelled before.
     */
    Subscription after(Duration delay, Runnable task);

    /** When the core stops waiting for this work; {@link Instant#MAX} where it does not. */
    Instant deadline();

    /** Whether the work is over; once true, stays true. */
    boolean cancelled();

    /**
     * Runs {@code task} once when the scope is cancelled, at once if it is already. On the
     * cancelling thread: must be short and not block.
     */
    Subscription onCancel(Runnable task);

    /**
     * Adds one to a counter that operators see as {@code name}, such as {@code tcp.oversized}:
     * lower case, digits, dots and hyphens; no peer-chosen text.
     */
    void count(String name);
}
