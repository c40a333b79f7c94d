// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * When to send again, and when to give up. Both standards double the pause; RFC 6886 begins with
 * 250 ms, which a router on the same LAN keeps with ease, and RFC 6887 with 3 s, for servers that
 * may stand deep in a carrier's network: here it is 250 ms for both, so that one lost packet does
 * not cost a connection its first seconds.
 *
 * @param pauses in milliseconds: after each sending
 */
public record Patience(List<Integer> pauses) {
    /** Is anybody there? Four times; given up after 2.75 s. */
    public static final Patience PROBE = of(250, 500, 1000, 1000);

    /** For a gateway that is known to be there: five times; given up after 7.75 s. */
    public static final Patience WORK = of(250, 500, 1000, 2000, 4000);

    /** For what is good to know, but not more: twice; given up after 0.75 s. */
    public static final Patience BRIEF = of(250, 500);

    public Patience {
        pauses = List.copyOf(pauses);
    }

    /** Pauses in milliseconds. */
    public static Patience of(int... pauses) {
        return new Patience(IntStream.of(pauses).boxed().toList());
    }

    /** How often it is sent. */
    public int sends() {
        return pauses.size();
    }

    /** The pause after that sending, counted from 0. */
    public Duration after(int sending) {
        return Duration.ofMillis(pauses.get(sending));
    }
}
