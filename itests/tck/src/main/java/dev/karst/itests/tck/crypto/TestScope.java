// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.crypto;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * The little of the outside world that a crypto provider may use: randomness, repeatable by its
 * seed, and counters. All else fails the test.
 */
public final class TestScope implements Scope {
    private final SecureRandom random;
    private final Map<String, Integer> counts = new TreeMap<>();

    public TestScope(long seed) {
        try {
            random = SecureRandom.getInstance("SHA1PRNG");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        random.setSeed(seed); // before its first use, so nothing else goes in
    }

    @Override
    public SecureRandom secureRandom() {
        return random;
    }

    @Override
    public void count(String name) {
        if (!name.matches("[a-z0-9.-]+")) {
            throw new AssertionError("not a counter's name: " + name);
        }
        counts.merge(name, 1, Integer::sum);
    }

    /** What was counted. */
    public Map<String, Integer> counts() {
        return counts;
    }

    @Override
    public Instant deadline() {
        return Instant.MAX;
    }

    @Override
    public boolean cancelled() {
        return false;
    }

    @Override
    public Clock clock() {
        throw unneeded("clock");
    }

    @Override
    public long nanoTime() {
        throw unneeded("nanoTime");
    }

    @Override
    public RandomGenerator random() {
        throw unneeded("random, which is predictable");
    }

    @Override
    public Executor executor() {
        throw unneeded("executor");
    }

    @Override
    public Network network() {
        throw unneeded("network");
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        throw unneeded("after");
    }

    @Override
    public Subscription onCancel(Runnable task) {
        throw unneeded("onCancel");
    }

    private static AssertionError unneeded(String what) {
        return new AssertionError("a crypto provider has no use for " + what);
    }
}
