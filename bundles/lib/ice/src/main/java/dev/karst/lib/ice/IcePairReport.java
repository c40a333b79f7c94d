// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

/**
 * What became of a pair, for people.
 *
 * @param socket the local end
 * @param sent requests
 * @param asked requests that came by it
 * @param answered whether an answer came
 * @param rtt in nanoseconds; 0 while there is none
 */
public record IcePairReport(
        int socket,
        CandidateType localType,
        IceCandidate remote,
        State state,
        int sent,
        int asked,
        boolean answered,
        long rtt) {
    /** RFC 8445 section 6.1.2.6; {@code SKIPPED}: another was chosen before. */
    public enum State {
        FROZEN,
        WAITING,
        IN_PROGRESS,
        SUCCEEDED,
        FAILED,
        SKIPPED
    }
}
