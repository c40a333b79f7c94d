// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.NetDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The drivers that are present, the one in use, and all open channels. */
final class Drivers {
    private final Set<Driven> open = ConcurrentHashMap.newKeySet();
    private final List<NetDriver> present = new ArrayList<>();
    private volatile NetDriver best;

    /** The driver to use, or null. */
    NetDriver best() {
        return best;
    }

    void join(Driven d) {
        open.add(d);
        d.relink();
    }

    void leave(Driven d) {
        open.remove(d);
    }

    void add(NetDriver d) {
        synchronized (present) {
            present.add(d);
            if (best != null) {
                return;
            }
            best = d;
        }
        relink();
    }

    void use(NetDriver d) {
        synchronized (present) {
            if (!present.contains(d)) {
                present.add(d);
            }
            best = d;
        }
        relink();
    }

    void remove(NetDriver d) {
        synchronized (present) {
            present.removeIf(p -> p == d);
            if (best == d) {
                best = present.isEmpty() ? null : present.get(present.size() - 1);
            }
        }
        relink();
    }

    /** Channels that a driver turns now. */
    int count(NetDriver d) {
        return (int) open.stream().filter(o -> o.drivenBy(d)).count();
    }

    List<Driven> all() {
        return List.copyOf(open);
    }

    private void relink() {
        open.forEach(Driven::relink);
    }
}
