// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.admin.ProviderInfo.Score;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Decides by numbers alone whether a new version is worse than the one it replaces. */
final class Judge {
    /** Tries below which a rate says little. */
    static final int ENOUGH = 8;

    /** The old one's tries that make it a measure at all. */
    private static final int MEASURE = 3;

    /** A path that is lost now and then is no reason: that many must have failed. */
    private static final int FAILURES = 3;

    private static final double MARGIN = 0.10;

    /** Paths of which a median says something. */
    private static final int PATHS = 3;

    private static final Duration SLACK = Duration.ofMillis(20);

    private Judge() {}

    /** Why it is worse; empty while nothing says so. */
    static Optional<String> worse(Evidence e) {
        if (e.state().isEmpty() || e.state().equals("quarantined")) {
            return Optional.of(e.state().isEmpty() ? "it is gone" : "it is quarantined");
        }
        Score fresh = e.fresh();
        Score old = e.reference();
        if (fresh.tried() >= ENOUGH && fresh.failed() >= FAILURES) {
            // Nothing to compare with: only what never works is surely bad.
            double wanted = old.tried() >= MEASURE ? old.rate() - MARGIN : 0;
            if (fresh.rate() < wanted || fresh.succeeded() == 0 && old.tried() < MEASURE) {
                return Optional.of(
                        String.format(
                                Locale.ROOT,
                                "%.0f %% of %d succeeded, against %s",
                                fresh.rate() * 100,
                                fresh.tried(),
                                old.tried() == 0
                                        ? "nothing known of the old one"
                                        : String.format(
                                                Locale.ROOT,
                                                "%.0f %% of %d",
                                                old.rate() * 100,
                                                old.tried())));
            }
        }
        return slower(e);
    }

    private static Optional<String> slower(Evidence e) {
        Duration now = e.fresh().roundTrip();
        Duration before = e.old().roundTrip();
        if (e.freshPaths() < PATHS || e.oldPaths() < PATHS || before.isZero()) {
            return Optional.empty();
        }
        if (now.compareTo(before.multipliedBy(3).dividedBy(2).plus(SLACK)) <= 0) {
            return Optional.empty();
        }
        return Optional.of(
                "its round trip is " + now.toMillis() + " ms against " + before.toMillis() + " ms");
    }

    /** Whether there is enough to say that it is as good. */
    static boolean enough(Evidence e) {
        return e.fresh().tried() >= ENOUGH;
    }
}
