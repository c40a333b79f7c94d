// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each source and one for all. A bucket is a single number: the time at which it
 * will be full again. Memory is bounded; a flood of forged sources makes it forget the oldest, who
 * then get a new burst, but the bucket for all still holds.
 */
public final class SourceLimiter {
    private final Bucket each;
    private final Bucket all;
    private long allFullAt;
    private boolean started;
    private final Map<Source, Long> fullAt;

    /** Within those limits. */
    public SourceLimiter(StunLimits limits) {
        each = new Bucket(1_000_000_000L / limits.rate(), limits.burst());
        all = new Bucket(1_000_000_000L / limits.total(), Math.max(1, limits.total() / 10));
        fullAt =
                new LinkedHashMap<>(64, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Source, Long> eldest) {
                        return size() > limits.sources();
                    }
                };
    }

    /** An IPv4 address or the upper half of an IPv6 one: a customer has at least a /64. */
    private record Source(boolean four, long prefix) {
        static Source of(InetAddress address) {
            ByteBuffer b = ByteBuffer.wrap(address.getAddress());
            return address instanceof Inet4Address
                    ? new Source(true, b.getInt())
                    : new Source(false, b.getLong());
        }
    }

    private record Bucket(long interval, int burst) {
        boolean takes(long fullAt, long now) {
            return fullAt - now <= (burst - 1) * interval;
        }

        long next(long fullAt, long now) {
            return (fullAt - now > 0 ? fullAt : now) + interval;
        }
    }

    /** Whether one more answer to that source is within its limits, which it then counts to. */
    public boolean take(InetAddress address, long now) {
        if (!started) {
            started = true;
            allFullAt = now;
        }
        Source source = Source.of(address);
        Long known = fullAt.get(source);
        long own = known == null ? now : known;
        if (!each.takes(own, now) || !all.takes(allFullAt, now)) {
            return false;
        }
        fullAt.put(source, each.next(own, now));
        allFullAt = all.next(allFullAt, now);
        return true;
    }

    int sources() {
        return fullAt.size();
    }
}
