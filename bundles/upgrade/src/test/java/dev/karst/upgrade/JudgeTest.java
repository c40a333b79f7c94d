// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.admin.ProviderInfo.Score;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static Score score(int succeeded, int failed, int rtt) {
        return new Score(succeeded, failed, Duration.ofMillis(rtt));
    }

    private static Evidence rates(Score fresh, Score old, Score life) {
        return new Evidence(fresh, old, life, 1, 1, "on trial: 10 %");
    }

    private static Evidence paths(int fresh, int rtt, int old, int oldRtt) {
        return new Evidence(
                score(20, 0, rtt),
                score(20, 0, oldRtt),
                score(20, 0, oldRtt),
                fresh,
                old,
                "active");
    }

    @Test
    void halfFailsIsWorse() {
        Evidence e = rates(score(4, 4, 0), score(10, 0, 0), score(99, 1, 0));
        assertEquals(Optional.of("50 % of 8 succeeded, against 100 % of 10"), Judge.worse(e));
    }

    @Test
    void littleEvidenceWaits() {
        assertTrue(Judge.worse(rates(score(3, 4, 0), score(9, 0, 0), score(9, 0, 0))).isEmpty());
        assertFalse(Judge.enough(rates(score(3, 4, 0), score(9, 0, 0), score(9, 0, 0))));
        Evidence twoBad = rates(score(6, 2, 0), score(30, 0, 0), score(30, 0, 0));
        assertTrue(Judge.worse(twoBad).isEmpty(), "two may be bad luck");
        assertTrue(Judge.enough(twoBad));
    }

    @Test
    void theSameTimeCountsBeforeTheLife() {
        Evidence both = rates(score(12, 8, 0), score(12, 8, 0), score(1000, 0, 0));
        assertTrue(Judge.worse(both).isEmpty(), "the network is bad for the old one, too");
        Evidence quiet = rates(score(12, 8, 0), score(1, 0, 0), score(1000, 0, 0));
        assertTrue(Judge.worse(quiet).isPresent());
    }

    @Test
    void tenPointsAreTheMargin() {
        Score old = score(90, 10, 0);
        assertTrue(Judge.worse(rates(score(81, 19, 0), old, old)).isEmpty());
        assertTrue(Judge.worse(rates(score(79, 21, 0), old, old)).isPresent());
    }

    @Test
    void withoutMeasureOnlyWhatNeverWorksIsBad() {
        Score none = score(0, 0, 0);
        assertTrue(Judge.worse(rates(score(1, 9, 0), none, none)).isEmpty());
        assertEquals(
                Optional.of("0 % of 9 succeeded, against nothing known of the old one"),
                Judge.worse(rates(score(0, 9, 0), none, none)));
    }

    @Test
    void whatIsQuarantinedOrGoneIsWorseAtOnce() {
        Score none = score(0, 0, 0);
        for (String state : new String[] {"", "quarantined"}) {
            assertTrue(Judge.worse(new Evidence(none, none, none, 0, 0, state)).isPresent());
        }
        assertTrue(Judge.worse(new Evidence(none, none, none, 0, 0, "active")).isEmpty());
    }

    @Test
    void slowerPathsAreWorseWhereBothHaveSome() {
        assertTrue(Judge.worse(paths(5, 51, 5, 20)).isPresent());
        assertTrue(Judge.worse(paths(5, 50, 5, 20)).isEmpty());
        assertTrue(Judge.worse(paths(2, 500, 5, 20)).isEmpty(), "two peers may be far away");
        assertTrue(Judge.worse(paths(5, 500, 5, 0)).isEmpty(), "nothing was measured");
    }

    /** A good one is seldom called bad, one that fails half the time nearly always. */
    @Test
    void byChance() {
        long seed = 7;
        Random random = new Random(seed);
        int good = 0;
        int bad = 0;
        for (int i = 0; i < 2000; i++) {
            good += calledBad(random, 0.98) ? 1 : 0;
            bad += calledBad(random, 0.5) ? 1 : 0;
        }
        assertTrue(good < 50, "seed " + seed + ": " + good);
        assertTrue(bad > 1980, "seed " + seed + ": " + bad);
    }

    private static boolean calledBad(Random random, double rate) {
        Score old = score(60, 1, 0);
        int succeeded = 0;
        for (int n = 1; n <= 30; n++) {
            succeeded += random.nextDouble() < rate ? 1 : 0;
            if (Judge.worse(rates(score(succeeded, n - succeeded, 0), old, old)).isPresent()) {
                return true;
            }
        }
        return false;
    }
}
