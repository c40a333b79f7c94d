// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

import java.time.Duration;
import java.util.Optional;

/**
 * How long an idle UDP mapping lives (RFC 4787 section 4.3).
 *
 * @param atLeast it was seen alive after this long idle
 * @param atMost it was seen gone after this long idle; empty while nothing was
 */
public record MappingLifetime(Duration atLeast, Optional<Duration> atMost, Refresh refresh) {
    /** What starts the timer again. */
    public enum Refresh {
        UNKNOWN,
        /** Traffic in either direction, or at least from inside. */
        SLIDING,
        /** Nothing: it ends a fixed time after it was made. */
        ABSOLUTE
    }

    public static MappingLifetime unknown() {
        return new MappingLifetime(Duration.ZERO, Optional.empty(), Refresh.UNKNOWN);
    }
}
