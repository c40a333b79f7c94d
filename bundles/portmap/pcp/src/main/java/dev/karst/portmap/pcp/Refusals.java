// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import dev.karst.KarstException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What gateways said they would refuse for a while, so that they are not asked again too soon (RFC
 * 6887 section 7.4): a hint, lost with the bundle. Bounded and thread-safe.
 *
 * <p>Held for two minutes at most, though an error may last half an hour: the owner of the router
 * who permits it meanwhile should not wait that long to see it work.
 */
final class Refusals {
    private static final int MOST = 64;
    private static final long LONGEST = 120;

    private final Map<String, Held> all = new LinkedHashMap<>();

    private record Held(KarstException why, long until) {}

    /** The error that still lasts, if one does. */
    synchronized Optional<KarstException> now(String key, long nanos) {
        Held h = all.get(key);
        if (h == null) {
            return Optional.empty();
        }
        if (nanos - h.until >= 0) {
            all.remove(key);
            return Optional.empty();
        }
        return Optional.of(new KarstException(h.why.code(), h.why.getMessage()));
    }

    synchronized void add(String key, KarstException why, long seconds, long nanos) {
        if (seconds <= 0) {
            return;
        }
        all.remove(key);
        if (all.size() >= MOST) {
            all.remove(all.keySet().iterator().next()); // the oldest
        }
        long lasts = Duration.ofSeconds(Math.min(seconds, LONGEST)).toNanos();
        all.put(key, new Held(why, nanos + lasts));
    }
}
