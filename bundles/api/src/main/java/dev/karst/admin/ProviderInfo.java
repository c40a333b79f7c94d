// SPDX-License-Identifier: Apache-2.0
package dev.karst.admin;

import java.time.Duration;
import java.util.List;

/**
 * A provider as the core sees it.
 *
 * @param bundle symbolic name and version of its bundle, with a space between
 * @param state in words: {@code active}, {@code on trial: 10 %}, {@code draining}, {@code drained},
 *     {@code quarantined}
 * @param score how its work went since it came
 * @param holds what hangs on it now: paths, sockets, leases, reservations, one line each
 * @param errors the last errors of its calls, newest last
 */
public record ProviderInfo(
        ProviderRef ref,
        String bundle,
        int ranking,
        String state,
        Score score,
        List<String> holds,
        List<String> errors) {
    /**
     * How the work of a provider went. What was called off, or only asked (odds, probes), does not
     * count.
     *
     * @param succeeded calls that brought what they were for
     * @param failed calls that failed, or did not answer in time
     * @param roundTrip median of the paths that hang on it; zero while none was measured
     */
    public record Score(long succeeded, long failed, Duration roundTrip) {
        /** What came after {@code earlier}; the round trip is the present one. */
        public Score since(Score earlier) {
            return new Score(succeeded - earlier.succeeded, failed - earlier.failed, roundTrip);
        }

        public long tried() {
            return succeeded + failed;
        }

        /** Share of what was tried that succeeded; 1 where nothing was. */
        public double rate() {
            return tried() == 0 ? 1 : (double) succeeded / tried();
        }
    }

    public ProviderInfo {
        holds = List.copyOf(holds);
        errors = List.copyOf(errors);
    }
}
