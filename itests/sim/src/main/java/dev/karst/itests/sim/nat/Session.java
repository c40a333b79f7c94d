// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.NatPacket.Kind;

/** What one mapping remembers of one peer: until when, and for TCP how far the connection is. */
final class Session {
    private long expires;
    private boolean reset;
    private boolean heardInside;
    private boolean heardOutside;
    private boolean endedInside;
    private boolean endedOutside;

    boolean alive(long now) {
        return now < expires;
    }

    long expires() {
        return expires;
    }

    void until(long time) {
        expires = time;
    }

    /** Whether the connection was reset, and nothing may come in until it is tried again. */
    boolean reset() {
        return reset;
    }

    /** Follows a TCP connection as RFC 5382 section 5 wants it. */
    void tcp(long now, Kind kind, boolean outbound, NatTimers timers) {
        if (reset && kind != Kind.SYN && alive(now)) {
            return;
        }
        if (!alive(now) || kind == Kind.SYN && (reset || ended())) {
            reset = heardInside = heardOutside = endedInside = endedOutside = false;
        }
        switch (kind) {
            case SYN -> {}
            case RST -> reset = true;
            case FIN -> {
                endedInside |= outbound;
                endedOutside |= !outbound;
            }
            default -> {
                heardInside |= outbound;
                heardOutside |= !outbound;
            }
        }
        if (reset) {
            expires = now + timers.tcpClosed().toNanos();
        } else if (heardInside && heardOutside && !ended()) {
            expires = now + timers.tcpEstablished().toNanos();
        } else {
            expires = now + timers.tcpTransitory().toNanos();
        }
    }

    private boolean ended() {
        return endedInside && endedOutside;
    }
}
