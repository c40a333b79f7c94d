// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.Allocation.Clash;
import dev.karst.itests.sim.nat.Allocation.Kind;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** Picks external ports by one {@link Allocation}. */
final class PortAllocator {
    private static final int MOST_HOSTS = 4096;
    private static final int TRIES = 64;

    /** Who is only background looks no further: a full box has to be cheap, too. */
    private static final int BACKGROUND_SCAN = 256;

    private record Latest(int local, int external) {}

    private final Allocation rule;
    private final RandomGenerator random;
    private final Map<InetAddress, Latest> latestOfHost = new LinkedHashMap<>();
    private final int distance;
    private int last;

    PortAllocator(Allocation rule, RandomGenerator random) {
        this.rule = rule;
        this.random = random;
        this.last = random.nextInt(rule.lo(), rule.hi() + 1);
        int d = random.nextInt(1, Math.max(2, rule.hi() - rule.lo()));
        this.distance = rule.parity() ? d & ~1 : d;
    }

    /**
     * The port for a new mapping, or -1.
     *
     * @param host inside; null for one that nobody will hear of again
     * @param local its port
     */
    int allocate(InetAddress host, int local, IntPredicate free) {
        Latest before = host == null ? null : latestOfHost.get(host);
        int wanted =
                switch (rule.kind()) {
                    case PRESERVE -> local >= rule.lo() && local <= rule.hi() ? local : -1;
                    case PRESERVE_DISTANCE -> wrap(local + distance);
                    case INDEPENDENT_STEP -> wrap(last + rule.step());
                    case DEPENDENT_STEP ->
                            before != null && local == before.local() + 1
                                    ? wrap(before.external() + rule.step())
                                    : -1;
                    case RANDOM -> -1;
                };
        int scan = rule.hi() - rule.lo() + 1;
        if (host == null) {
            scan = Math.min(scan, BACKGROUND_SCAN);
        }
        int got =
                wanted < 0
                        ? anyFree(local, scan, free)
                        : settle(fit(wanted, local), local, scan, free);
        if (got > 0) {
            // a sequence goes on from where it stands, not from where a clash was sent to
            last = wanted > 0 && rule.clash() != Clash.NEXT ? wanted : got;
            if (host != null) {
                note(host, new Latest(local, got));
            }
        }
        return got;
    }

    /** As if that many mappings had been made, long ago. */
    void skip(long mappings) {
        if (rule.kind() == Kind.INDEPENDENT_STEP) {
            last = wrap(last + rule.step() * mappings);
        }
    }

    private int settle(int port, int local, int scan, IntPredicate free) {
        if (free.test(port)) {
            return port;
        }
        return switch (rule.clash()) {
            case NEXT -> nextFree(port, local, scan, free);
            case RANDOM -> anyFree(local, scan, free);
            case STEAL -> port;
            case REFUSE -> -1;
        };
    }

    private int nextFree(int port, int local, int scan, IntPredicate free) {
        boolean sequence =
                rule.kind() == Kind.INDEPENDENT_STEP || rule.kind() == Kind.DEPENDENT_STEP;
        int step = sequence ? rule.step() : 1;
        int stride = rule.parity() && step % 2 != 0 ? 2 * step : step;
        int p = port;
        for (int i = 0; i < scan; i++) {
            p = fit(wrap(p + stride), local);
            if (free.test(p)) {
                return p;
            }
        }
        return -1;
    }

    private int anyFree(int local, int scan, IntPredicate free) {
        for (int i = 0; i < TRIES; i++) {
            int p = fit(random.nextInt(rule.lo(), rule.hi() + 1), local);
            if (free.test(p)) {
                return p;
            }
        }
        int p = random.nextInt(rule.lo(), rule.hi() + 1);
        for (int i = 0; i < scan; i++) {
            p = wrap(p + 1);
            if (fit(p, local) == p && free.test(p)) {
                return p;
            }
        }
        return -1;
    }

    /** The port itself, or a neighbour that is odd or even as the local port is. */
    private int fit(int port, int local) {
        if (!rule.parity() || (port & 1) == (local & 1)) {
            return port;
        }
        return port < rule.hi() ? port + 1 : Math.max(rule.lo(), port - 1);
    }

    private int wrap(long port) {
        return rule.lo() + (int) Math.floorMod(port - rule.lo(), (long) rule.hi() - rule.lo() + 1);
    }

    private void note(InetAddress host, Latest latest) {
        if (latestOfHost.remove(host) == null && latestOfHost.size() >= MOST_HOSTS) {
            Iterator<?> oldest = latestOfHost.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        latestOfHost.put(host, latest);
    }
}
