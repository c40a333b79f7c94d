// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Explains a connection, or why there is none.
 *
 * @param peer whom it is about
 * @param started when connect was called
 * @param took from connect to the first authenticated path, or to the failure
 * @param attempts everything that was tried, in order of start
 * @param verdict one sentence: what came of it and why
 * @param advice one sentence: what would help; empty when all is well
 */
public record ConnectReport(
        PeerId peer,
        Instant started,
        Duration took,
        List<Attempt> attempts,
        String verdict,
        String advice) {
    public ConnectReport {
        attempts = List.copyOf(attempts);
    }

    /** How one strategy fared. */
    public enum Outcome {
        RUNNING,
        WON,
        STANDBY,
        FAILED,
        CANCELLED,
        /** Not tried: it has no chance between these two NATs. */
        SKIPPED
    }

    /**
     * One try of one strategy.
     *
     * @param strategy its name
     * @param began after {@link ConnectReport#started()}
     * @param took how long it ran
     * @param evidence what was sent, seen and concluded, in order
     */
    public record Attempt(
            String strategy,
            Duration began,
            Duration took,
            Outcome outcome,
            List<String> evidence) {
        public Attempt {
            evidence = List.copyOf(evidence);
        }
    }
}
