// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.stun.StunTiming;
import java.time.Duration;

/**
 * How the agent behaves.
 *
 * @param pacing Ta, between two new checks; at least 5 ms
 * @param timing when a check is sent again and given up
 * @param pairs at most
 * @param unanswered packets at most to an address that never answered
 * @param directGrace how long a valid direct pair waits for better ones before it is nominated
 * @param relayGrace the same of a pair with a relay in it
 * @param patience since the start, before which all pairs failed means nothing: the peer's checks
 *     may still come (RFC 8863)
 * @param consentInterval between two consent checks; each is 0.8 to 1.2 times that
 * @param consentExpiry without an answer for so long, the path is lost (RFC 7675)
 */
public record IceSettings(
        Duration pacing,
        StunTiming timing,
        int pairs,
        int unanswered,
        Duration directGrace,
        Duration relayGrace,
        Duration patience,
        Duration consentInterval,
        Duration consentExpiry) {
    /** The RFCs' values; 100 pairs, 20 packets to whoever does not answer. */
    public static final IceSettings STANDARD =
            new IceSettings(
                    Duration.ofMillis(50),
                    StunTiming.UDP,
                    100,
                    20,
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofMillis(39_500),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30));

    public IceSettings {
        if (pacing.compareTo(Duration.ofMillis(5)) < 0) {
            throw new IllegalArgumentException("pacing: at least 5 ms (RFC 8445 section 14.2)");
        }
        if (pairs < 1 || pairs > 100 || unanswered < 1 || unanswered > 20) {
            throw new IllegalArgumentException("pairs: 1 to 100, unanswered: 1 to 20");
        }
    }

    public IceSettings pacing(Duration d, StunTiming t) {
        return new IceSettings(
                d,
                t,
                pairs,
                unanswered,
                directGrace,
                relayGrace,
                patience,
                consentInterval,
                consentExpiry);
    }

    public IceSettings grace(Duration direct, Duration relay) {
        return new IceSettings(
                pacing,
                timing,
                pairs,
                unanswered,
                direct,
                relay,
                patience,
                consentInterval,
                consentExpiry);
    }

    public IceSettings patience(Duration d) {
        return new IceSettings(
                pacing,
                timing,
                pairs,
                unanswered,
                directGrace,
                relayGrace,
                d,
                consentInterval,
                consentExpiry);
    }

    public IceSettings consent(Duration interval, Duration expiry) {
        return new IceSettings(
                pacing,
                timing,
                pairs,
                unanswered,
                directGrace,
                relayGrace,
                patience,
                interval,
                expiry);
    }
}
