// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/**
 * Mappings of hosts that nobody looks at: they come at random (Poisson), take ports for as long as
 * a mapping lives and move the sequences of the allocator.
 */
final class Background {
    private record Held(int port, long until) {}

    private final double perNano;
    private final long life;
    private final PortAllocator allocator;
    private final RandomGenerator random;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private final Map<Integer, Integer> taken = new HashMap<>();
    private long next = Long.MIN_VALUE;

    Background(double perSecond, long life, PortAllocator allocator, RandomGenerator random) {
        this.perNano = perSecond / 1e9;
        this.life = life;
        this.allocator = allocator;
        this.random = random;
    }

    /** Lets happen what happened until now. */
    void advance(long now, IntPredicate free) {
        if (perNano <= 0) {
            return;
        }
        if (next == Long.MIN_VALUE) {
            next = now + gap();
        }
        if (now - next > life) { // of these nothing is left but their number
            allocator.skip((long) ((now - next - life) * perNano));
            next = now - life;
        }
        for (; next <= now; next += gap()) {
            release(next);
            int port = allocator.allocate(null, random.nextInt(1024, 65536), free);
            if (port > 0) {
                held.add(new Held(port, next + life));
                taken.merge(port, 1, Integer::sum);
            }
        }
        release(now);
    }

    private long gap() {
        return 1 + (long) Math.min(1e18, -Math.log(1 - random.nextDouble()) / perNano);
    }

    private void release(long now) {
        while (!held.isEmpty() && held.peek().until() <= now) {
            taken.computeIfPresent(held.poll().port(), (p, n) -> n == 1 ? null : n - 1);
        }
    }

    boolean has(int port) {
        return taken.containsKey(port);
    }
}
