// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** What a client has: relayed addresses, permissions, channels. RFC 8656 section 3.2. */
final class Allocation {
    private static final long SECOND = 1_000_000_000L;

    final TurnLink link;
    final int end;
    final String user;
    final boolean tcp;
    final List<TurnRelay> relays = new ArrayList<>(1);
    final IntTable channels = new IntTable();

    /** The request that made it and its answer: it may come again. */
    byte[] transaction;

    byte[] answer;
    long expiresAt;
    boolean over;

    private final long bytesPerSecond;
    private long tokens;
    private long filledAt;

    Allocation(TurnLink link, int end, String user, boolean tcp, long bytesPerSecond, long now) {
        this.link = link;
        this.end = end;
        this.user = user;
        this.tcp = tcp;
        this.bytesPerSecond = bytesPerSecond;
        tokens = bytesPerSecond;
        filledAt = now;
    }

    /** Whether so many bytes are within the rate; a second's worth may come at once. */
    boolean take(int bytes, long now) {
        if (bytesPerSecond == 0) {
            return true;
        }
        long passed = Math.min(now - filledAt, SECOND);
        long gained = (long) ((double) passed * bytesPerSecond / SECOND);
        if (gained > 0) {
            tokens = Math.min(Math.max(bytesPerSecond, 65_536), tokens + gained);
            filledAt = now;
        }
        if (tokens < bytes) {
            return false;
        }
        tokens -= bytes;
        return true;
    }

    /** The relayed address of the peer's family; null if there is none. */
    TurnRelay relayFor(InetAddress peer) {
        boolean four = peer instanceof Inet4Address;
        for (int i = 0; i < relays.size(); i++) {
            if (relays.get(i).four() == four) {
                return relays.get(i);
            }
        }
        return null;
    }

    int permissions() {
        int n = 0;
        for (TurnRelay r : relays) {
            n += r.permissions.size();
        }
        return n;
    }

    /** Forgets what expired. */
    void tick(long now) {
        for (TurnRelay r : relays) {
            r.permissions.values().removeIf(p -> p.expiresAt - now <= 0);
        }
        if (channels.size() > 0) {
            for (Channel c : channels.remove(c -> c.expiresAt - now <= 0)) {
                c.relay.channels.remove(c.peer);
            }
        }
    }
}
