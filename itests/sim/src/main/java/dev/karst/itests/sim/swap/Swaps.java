// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.admin.Admin.DrainResult;
import dev.karst.itests.sim.SimWorld;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** What an operator does to providers, and what providers do by themselves. */
final class Swaps {
    private static final Duration DRAIN = Duration.ofSeconds(15);
    private static final int PATIENCE = 6;

    private final SimWorld world;
    private final RandomGenerator random;
    private final Chronicle chronicle;
    private final Consumer<String> trouble;

    Swaps(SimWorld world, RandomGenerator random, Chronicle chronicle, Consumer<String> trouble) {
        this.world = world;
        this.random = random;
        this.chronicle = chronicle;
        this.trouble = trouble;
    }

    /**
     * The new one comes, the old one is drained and leaves once it is free.
     *
     * @param must whether it has to become free; else the operator loses patience
     */
    void beside(Slot<?> slot, boolean must) {
        if (begins(slot, "beside")) {
            slot.arrive();
            after(random.nextInt(1_500), () -> drain(slot, must, PATIENCE));
        }
    }

    private void drain(Slot<?> slot, boolean must, int patience) {
        slot.node()
                .node()
                .admin()
                .drain(slot.oldest(), DRAIN)
                .whenComplete((r, e) -> drained(slot, must, patience, r, e));
    }

    private void drained(
            Slot<?> slot, boolean must, int patience, DrainResult result, Throwable error) {
        if (error != null) {
            trouble.accept(slot + " cannot be drained: " + error);
        } else if (!result.drained() && patience > 0) {
            chronicle.note(slot + " still holds " + result.remaining());
            drain(slot, must, patience - 1);
            return;
        } else if (!result.drained() && must) {
            trouble.accept(slot + " is not drained: " + result.remaining());
        }
        after(
                random.nextInt(1_000),
                () -> {
                    slot.leave();
                    over(slot);
                });
    }

    /** The old one leaves, the new one comes after a gap. */
    void inPlace(Slot<?> slot, int gapMillis) {
        if (begins(slot, "in place, gap " + gapMillis + " ms,")) {
            slot.leave();
            after(
                    gapMillis,
                    () -> {
                        slot.arrive();
                        over(slot);
                    });
        }
    }

    /** It misbehaves; whom the core may have given up by then is replaced by the operator. */
    void misbehave(Slot<?> slot, Manner manner, int millis) {
        if (!begins(slot, manner + " for " + millis + " ms,")) {
            return;
        }
        slot.manner(manner);
        after(
                millis,
                () -> {
                    slot.manner(Manner.FINE);
                    if (manner == Manner.THROWS || manner == Manner.HANGS) {
                        slot.leave();
                        slot.arrive();
                    }
                    over(slot);
                });
    }

    private boolean begins(Slot<?> slot, String what) {
        if (slot.busy) {
            chronicle.skip();
            return false;
        }
        slot.busy = true;
        chronicle.begin(true, what + " " + slot);
        return true;
    }

    private void over(Slot<?> slot) {
        slot.busy = false;
        chronicle.end("done " + slot);
    }

    private void after(int millis, Runnable task) {
        world.after(Duration.ofMillis(1 + millis), task);
    }
}
