// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.Subscription;
import dev.karst.core.world.World;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Tells once that the node is ready: all that came at the start has come, and works. */
final class Readiness {
    /** Providers come one after the other: a node counts as ready when none came for this long. */
    private static final Duration SETTLE = Duration.ofMillis(300);

    /** A broker that is down delays readiness no longer than this. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final World world;
    private final BooleanSupplier up;
    private final BooleanSupplier signaling;
    private final Runnable ready;
    private final long startedNanos;
    private Subscription settling = () -> {};
    private boolean over;
    private boolean isReady;

    /**
     * @param up whether the node can take connections
     * @param signaling whether every broker is connected
     */
    Readiness(World world, BooleanSupplier up, BooleanSupplier signaling, Runnable ready) {
        this.world = world;
        this.up = up;
        this.signaling = signaling;
        this.ready = ready;
        this.startedNanos = world.nanoTime();
    }

    /** Something changed: waits until nothing does. */
    synchronized void settle() {
        if (!over) {
            settling.close();
            settling = world.after(SETTLE, this::check);
        }
    }

    private void check() {
        boolean patient = world.nanoTime() - startedNanos < PATIENCE.toNanos();
        boolean now = up.getAsBoolean() && (!patient || signaling.getAsBoolean());
        synchronized (this) {
            if (over) {
                return;
            }
            if (!now) {
                settling = world.after(SETTLE, this::check);
                return;
            }
            over = true;
            isReady = true;
        }
        ready.run();
    }

    synchronized boolean isReady() {
        return isReady;
    }

    synchronized void close() {
        over = true;
        settling.close();
    }
}
