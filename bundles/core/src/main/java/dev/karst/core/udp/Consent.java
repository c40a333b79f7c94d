// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Who may be sent to, for all sockets of the node together: an endpoint that never answered gets
 * {@value #UNANSWERED} packets (or {@value #SPREAD}), and one IP address {@value #PER_ADDRESS}
 * whatever the ports, so that nobody can be flooded by naming him as a candidate. Both come back
 * bit by bit within ten minutes; an answer counts for two. All that never answered get {@value
 * #PER_SECOND} packets a second together. Thread-safe.
 */
public final class Consent {
    static final int UNANSWERED = 20;

    /**
     * The same where servers saw the peer's NAT: behind a NAT of random ports hundreds of sockets
     * write to one port there, twice. What an address gets in all stays the same.
     */
    static final int SPREAD = 600;

    /** Enough for a birthday attempt of 1,024 probes. */
    static final int PER_ADDRESS = 1_200;

    /** To all that never answered, by all attempts together. */
    static final int PER_SECOND = 500;

    private static final int KEPT = 8_192;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long BACK_NANOS = Duration.ofMinutes(10).toNanos();
    private static final long ANSWER_NANOS = Duration.ofMinutes(2).toNanos();

    /** A bucket that leaks: full it is empty again after its time, and none is shut for long. */
    private static final class Spent {
        double packets;
        long at;

        void leak(long now, int most, long nanos) {
            packets = Math.max(0, packets - (double) (now - at) * most / nanos);
            at = now;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Object, Spent> spent = bounded();
    private final Map<InetSocketAddress, Long> answered = bounded();
    private final Spent node = new Spent();

    /**
     * @param nanoTime the monotonic clock
     */
    public Consent(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /** Forgets what was not used for longest. */
    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > KEPT;
            }
        };
    }

    /**
     * Whether one more packet may go there; counts it.
     *
     * @param spread whether servers saw the peer at that address
     */
    synchronized boolean spend(InetSocketAddress to, boolean spread) {
        if (given(to)) {
            return true;
        }
        long now = nanoTime.getAsLong();
        Spent endpoint = of(to, now);
        Spent address = of(to.getAddress(), now);
        node.leak(now, PER_SECOND, SECOND_NANOS);
        int most = spread ? SPREAD : UNANSWERED;
        endpoint.leak(now, most, BACK_NANOS);
        address.leak(now, PER_ADDRESS, BACK_NANOS);
        if (endpoint.packets > most - 1
                || address.packets > PER_ADDRESS - 1
                || node.packets > PER_SECOND - 1) {
            return false;
        }
        endpoint.packets++;
        address.packets++;
        node.packets++;
        return true;
    }

    private Spent of(Object who, long now) {
        Spent s = spent.get(who);
        if (s == null) {
            s = new Spent();
            s.at = now;
            spent.put(who, s);
        }
        return s;
    }

    /** A valid answer to a request of ours came from where it was sent. */
    synchronized void answered(InetSocketAddress from) {
        answered.put(from, nanoTime.getAsLong());
    }

    synchronized boolean given(InetSocketAddress address) {
        Long at = answered.get(address);
        return at != null && nanoTime.getAsLong() - at < ANSWER_NANOS;
    }

    /** What is left of an address' budget, for tests and reports. */
    synchronized int left(InetAddress address) {
        long now = nanoTime.getAsLong();
        Spent s = of(address, now);
        s.leak(now, PER_ADDRESS, BACK_NANOS);
        return (int) (PER_ADDRESS - s.packets);
    }
}
