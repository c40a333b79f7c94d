// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.time.Duration;

/**
 * When to send a request again, RFC 8489 section 6.2.
 *
 * @param rto the first pause; each next is twice as long
 * @param sends how often it is sent (Rc), at least 1
 * @param last how many times {@code rto} to wait after the last sending (Rm), at least 1
 * @param most the longest pause between two sendings
 */
public record StunTiming(Duration rto, int sends, int last, Duration most) {
    private static final Duration HOUR = Duration.ofHours(1);

    /** For UDP: at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s; given up at 39.5 s. */
    public static final StunTiming UDP = new StunTiming(Duration.ofMillis(500), 7, 16);

    /** For TCP and TLS: once; given up at 39.5 s (Ti). */
    public static final StunTiming TCP = new StunTiming(Duration.ofMillis(39_500), 1, 1);

    public StunTiming {
        if (rto.isNegative() || rto.isZero() || rto.compareTo(HOUR) > 0) {
            throw new IllegalArgumentException("rto: more than 0, at most 1 h: " + rto);
        }
        if (sends < 1 || sends > 16 || last < 1 || last > 64) {
            throw new IllegalArgumentException("sends: 1 to 16, last: 1 to 64");
        }
        if (most.compareTo(rto) < 0) {
            throw new IllegalArgumentException("most: at least rto: " + most);
        }
    }

    /** Pauses that double to the end. */
    public StunTiming(Duration rto, int sends, int last) {
        this(rto, sends, last, HOUR);
    }
}
