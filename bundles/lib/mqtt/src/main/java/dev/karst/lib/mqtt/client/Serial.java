// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * Lets many threads change one state without ever calling foreign code under its lock: a change
 * runs under the lock and leaves its effects here; they run afterwards, outside, one at a time and
 * in the order in which the changes were made. Never waits for an effect.
 */
final class Serial {
    private static final System.Logger LOG = System.getLogger(Serial.class.getName());

    private final Queue<Runnable> effects = new ArrayDeque<>();
    private boolean draining;

    /** Runs {@code change} at once, then the effects unless another thread is about it already. */
    void run(Runnable change) {
        synchronized (this) {
            change.run();
            if (draining) {
                return;
            }
            draining = true;
        }
        for (Runnable effect; (effect = next()) != null; ) {
            try {
                effect.run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a listener of the broker link failed", e);
            }
        }
    }

    /** Looks at the state; runs no effects, so it may be called under a lock of the caller. */
    synchronized boolean test(BooleanSupplier question) {
        return question.getAsBoolean();
    }

    private synchronized Runnable next() {
        Runnable effect = effects.poll();
        draining = effect != null;
        return effect;
    }

    /** Only inside a change. */
    void effect(Runnable effect) {
        effects.add(effect);
    }
}
