// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import java.util.concurrent.TimeUnit;

/**
 * A gateway's seconds since it began to keep its mappings, against our clock: tells whether it
 * began anew. Not thread-safe.
 */
public final class Epoch {
    private final Rule rule;
    private boolean known;
    private long server;
    private long client;

    /** How far the clocks may differ. */
    public enum Rule {
        /** RFC 6886 section 3.6: its clock may be slower by an eighth and two seconds. */
        NAT_PMP,
        /** RFC 6887 section 8.5: slower or faster by a sixteenth and two seconds. */
        PCP
    }

    public Epoch(Rule rule) {
        this.rule = rule;
    }

    /** Whether any was seen. */
    public boolean known() {
        return known;
    }

    /**
     * Takes a gateway's answer into account.
     *
     * @param seconds what it said, 32 bits unsigned
     * @param now nanoseconds of a monotonic clock
     * @return false if it forgot its mappings since the last
     */
    public boolean goesOn(long seconds, long now) {
        boolean goesOn = !known || check(seconds, now);
        known = true;
        server = seconds;
        client = now;
        return goesOn;
    }

    private boolean check(long seconds, long now) {
        double here = (double) (now - client) / TimeUnit.SECONDS.toNanos(1);
        double there = seconds - server;
        if (rule == Rule.NAT_PMP) {
            return there >= here * 7 / 8 - 2;
        }
        return there >= -1 && here + 2 >= there - there / 16 && there + 2 >= here - here / 16;
    }
}
