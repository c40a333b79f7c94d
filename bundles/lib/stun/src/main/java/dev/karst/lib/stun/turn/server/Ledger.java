// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All allocations, relayed addresses and reservations of ports, and what of them is left to whom.
 */
final class Ledger {
    private static final long RESERVED = 30_000_000_000L;

    private final TurnLimits limits;
    private final TurnUsers users;
    private final Set<Allocation> allocations = new LinkedHashSet<>();
    private final Map<String, Integer> perUser = new HashMap<>();
    private final Map<InetSocketAddress, TurnRelay> relays = new HashMap<>();
    private final Map<ByteBuffer, Reserved> reserved = new LinkedHashMap<>();

    private record Reserved(RelayPort port, String user, long expiresAt) {}

    Ledger(TurnLimits limits, TurnUsers users) {
        this.limits = limits;
        this.users = users;
    }

    List<Allocation> all() {
        return new ArrayList<>(allocations);
    }

    int size() {
        return allocations.size();
    }

    boolean full() {
        return allocations.size() + reserved.size() >= limits.allocations();
    }

    boolean quotaReached(String user) {
        return perUser.getOrDefault(users.account(user), 0) >= limits.perUser();
    }

    void add(Allocation a) {
        allocations.add(a);
        count(a.user, 1);
        a.relays.forEach(r -> relays.put(r.address, r));
    }

    void remove(Allocation a) {
        allocations.remove(a);
        count(a.user, -1);
    }

    /** While sockets are opened, they count already. */
    void count(String user, int change) {
        perUser.merge(users.account(user), change, Integer::sum);
        perUser.remove(users.account(user), 0);
    }

    void forget(TurnRelay relay) {
        relays.remove(relay.address, relay);
    }

    /** The relayed address here; null if it is none. */
    TurnRelay relay(InetSocketAddress address) {
        return relays.get(address);
    }

    void reserve(byte[] token, RelayPort port, String user, long now) {
        reserved.put(ByteBuffer.wrap(token), new Reserved(port, user, now + RESERVED));
    }

    /** The port behind that token, if it is that user's; null if there is none. */
    RelayPort claim(byte[] token, String user, long now) {
        Reserved r = reserved.get(ByteBuffer.wrap(token));
        if (r == null || !r.user().equals(user) || r.expiresAt() - now <= 0) {
            return null;
        }
        reserved.remove(ByteBuffer.wrap(token));
        return r.port();
    }

    void tick(long now) {
        reserved.values()
                .removeIf(
                        r -> {
                            boolean over = r.expiresAt() - now <= 0;
                            if (over) {
                                r.port().close();
                            }
                            return over;
                        });
    }

    void close() {
        reserved.values().forEach(r -> r.port().close());
        reserved.clear();
    }
}
