// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Sends no more than so many packets a second; a few may go at once after a pause. Used on the
 * attempt's executor only.
 */
final class Pace {
    private static final double AT_ONCE = 0.2; // seconds' worth

    private final Scope scope;
    private final double perNano;
    private final double most;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private double tokens;
    private long at;
    private Subscription timer;

    Pace(Scope scope, int perSecond) {
        this.scope = scope;
        perNano = perSecond / 1e9;
        most = Math.max(1, perSecond * AT_ONCE);
        tokens = most;
        at = scope.nanoTime();
    }

    /** Runs what sends one packet, now or when it is its turn. */
    void then(Runnable packet) {
        waiting.add(packet);
        if (timer == null) {
            drain();
        }
    }

    /** What waits is not sent. */
    void clear() {
        waiting.clear();
    }

    private void drain() {
        timer = null;
        long now = scope.nanoTime();
        tokens = Math.min(most, tokens + (now - at) * perNano);
        at = now;
        while (tokens >= 1 && !waiting.isEmpty()) {
            tokens--;
            waiting.poll().run();
        }
        if (!waiting.isEmpty() && timer == null) {
            long pause = (long) Math.ceil((1 - tokens) / perNano);
            timer = scope.after(Duration.ofNanos(Math.max(1_000, pause)), this::drain);
        }
    }
}
