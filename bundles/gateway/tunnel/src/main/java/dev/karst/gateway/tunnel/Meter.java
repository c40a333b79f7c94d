// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.spi.Scope;
import dev.karst.tunnel.Traffic;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts what one tunnel does, and tells failures once per reason and minute. */
final class Meter {
    private static final Logger LOG = System.getLogger(Meter.class.getName());
    private static final long QUIET = TimeUnit.MINUTES.toNanos(1);

    private final String tunnel;
    private final Map<String, Long> told = new ConcurrentHashMap<>();
    private final AtomicInteger active = new AtomicInteger();
    private final LongAdder opened = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private volatile String lastFailure = "";

    /**
     * @param tunnel how the log names it
     */
    Meter(String tunnel) {
        this.tunnel = tunnel;
    }

    void began() {
        active.incrementAndGet();
    }

    void ended() {
        active.decrementAndGet();
    }

    void opened() {
        opened.increment();
    }

    void out(int bytes) {
        bytesOut.add(bytes);
    }

    void in(int bytes) {
        bytesIn.add(bytes);
    }

    void dropped(Scope scope, String counter) {
        dropped.increment();
        scope.count(counter);
    }

    void refused(Scope scope, String why) {
        refused.increment();
        scope.count("tunnel.refused");
        tell(scope, "LIMIT", why);
    }

    void failed(Scope scope, Throwable why) {
        failed.increment();
        scope.count("tunnel.failed");
        lastFailure = Texts.sentence(why);
        tell(scope, Texts.kind(why), lastFailure);
    }

    /** Kinds are exception names and codes, so the table stays small; no peer chooses them. */
    private void tell(Scope scope, String kind, String sentence) {
        long now = scope.nanoTime();
        Long last = told.get(kind);
        if (last != null && now - last < QUIET) {
            return;
        }
        if (last == null ? told.putIfAbsent(kind, now) == null : told.replace(kind, last, now)) {
            LOG.log(Level.WARNING, "{0}: {1}", tunnel, sentence);
        }
    }

    Traffic traffic() {
        return new Traffic(
                active.get(),
                opened.sum(),
                refused.sum(),
                failed.sum(),
                dropped.sum(),
                bytesOut.sum(),
                bytesIn.sum(),
                lastFailure);
    }
}
