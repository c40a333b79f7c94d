// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.itests.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;

/** What was done to a world, and how much of it goes on. */
final class Chronicle {
    private final SimWorld world;
    private final List<String> told = new ArrayList<>();
    private int going;
    private int planned;
    private int swaps;
    private int faults;
    private long lastEnd;

    Chronicle(SimWorld world) {
        this.world = world;
    }

    /** One more thing will happen. */
    void plan() {
        planned++;
    }

    /** One that was planned begins. */
    void begin(boolean swap, String what) {
        planned--;
        going++;
        swaps += swap ? 1 : 0;
        faults += swap ? 0 : 1;
        note(what);
    }

    /** One that was planned does not happen. */
    void skip() {
        planned--;
    }

    void end(String what) {
        going--;
        lastEnd = world.nanoTime();
        note(what);
    }

    void note(String what) {
        told.add(String.format("%8.3f s %s", world.nanoTime() / 1e9, what));
        world.trace("storm", what);
    }

    /** Whether nothing goes on and nothing will. */
    boolean over() {
        return going + planned == 0;
    }

    int swaps() {
        return swaps;
    }

    int faults() {
        return faults;
    }

    /** When the last of it was over. */
    long lastEnd() {
        return lastEnd;
    }

    @Override
    public String toString() {
        return String.join("\n", told);
    }
}
