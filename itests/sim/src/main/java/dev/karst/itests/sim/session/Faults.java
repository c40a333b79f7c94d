// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import dev.karst.itests.sim.Cut;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** What goes wrong between two hosts, when and how as the seed wants. */
final class Faults {
    private final SimWorld world;
    private final RandomGenerator random;
    private final SimNode nodeA;
    private final SimNode nodeB;
    private final SimHost a;
    private final SimHost b;
    private final SimBus bus;
    private final StringBuilder told = new StringBuilder();
    private int count;

    Faults(SimWorld world, RandomGenerator random, SimNode a, SimNode b, SimBus bus) {
        this.world = world;
        this.random = random;
        this.nodeA = a;
        this.nodeB = b;
        this.a = a.host();
        this.b = b.host();
        this.bus = bus;
    }

    /** Strikes that often within this time from now. */
    void during(Duration time, int strikes) {
        for (int i = 0; i < strikes; i++) {
            world.after(Duration.ofNanos(random.nextLong(time.toNanos())), this::strike);
        }
    }

    private void strike() {
        count++;
        switch (random.nextInt(9)) {
            case 0, 1 -> cut(Cut.RESET);
            case 2 -> cut(Cut.SILENT);
            case 3 -> cut(Cut.CLIENT_ONLY);
            case 4 -> cut(Cut.SERVER_ONLY);
            case 5 -> {
                Duration time = Duration.ofMillis(random.nextInt(50, 20_000));
                note("partition for " + time);
                world.partition(a, b);
                world.after(time, () -> world.heal(a, b));
            }
            case 6 -> replace(random.nextBoolean(), Duration.ofMillis(random.nextInt(1, 3000)));
            case 7 -> replace(random.nextBoolean(), Duration.ofMillis(-random.nextInt(1, 3000)));
            default -> {
                SimHost h = random.nextBoolean() ? a : b;
                Duration time = Duration.ofMillis(random.nextInt(50, 20_000));
                note("bus offline for " + h + " for " + time);
                bus.online(h, false);
                world.after(time, () -> bus.online(h, true));
                cut(Cut.RESET);
            }
        }
    }

    /** A provider is replaced: after a gap, or (negative) with both there for a while. */
    private void replace(boolean crypto, Duration gap) {
        SimNode n = random.nextBoolean() ? nodeA : nodeB;
        note((crypto ? "crypto" : "transport") + " of " + n.host() + " replaced, gap " + gap);
        Runnable leave = crypto ? n::removeCrypto : n::removeTransport;
        Runnable arrive = crypto ? n::addCrypto : n::addTransport;
        boolean before = gap.isNegative();
        (before ? arrive : leave).run();
        world.after(gap.abs(), before ? leave : arrive);
    }

    private void cut(Cut how) {
        note(how + " x" + world.cutTcp(f -> true, how));
    }

    private void note(String what) {
        told.append(String.format("%.3f s %s; ", world.nanoTime() / 1e9, what));
    }

    int count() {
        return count;
    }

    @Override
    public String toString() {
        return told.toString();
    }
}
