// SPDX-License-Identifier: Apache-2.0
package dev.karst.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Replaces bundles and features of a running container and takes it back; a service of its own,
 * where the container can make a new version the installed one. One replacement at a time.
 * Thread-safe.
 */
@ProviderType
public interface Upgrades {
    /**
     * What to replace and how carefully.
     *
     * @param what name of a feature, or symbolic name of a bundle
     * @param version of the feature; or where the new bundle is: its version, if it comes from the
     *     same Maven coordinates, or a URL
     * @param share of the peers that the new version serves first, 0 for none: it is used at once
     * @param watch how long the new version is watched before it serves all
     * @param drainLimit how long the old version may take to be free; zero: what hangs on it is cut
     *     off
     */
    record Request(
            String what, String version, double share, Duration watch, Duration drainLimit) {}

    /**
     * What was done, or why it was not.
     *
     * @param steps what happened, in order, for people
     */
    record Outcome(Result result, String why, List<String> steps) {
        public Outcome {
            steps = List.copyOf(steps);
        }
    }

    /** How a replacement ended. */
    enum Result {
        /** The new version is the installed one. */
        DONE,
        /** The new version was worse, or did not start; the old one serves all again. */
        ROLLED_BACK,
        /** Nothing was touched: it cannot be done live, or there is no such thing. */
        REFUSED,
        /** Both are there, for the old one did not become free: drain, undrain or stop it. */
        UNDECIDED
    }

    /**
     * A replacement of the past.
     *
     * @param backTo where the version before came from, for a rollback; empty when that is unknown
     */
    record Entry(
            int number,
            Instant at,
            String what,
            String from,
            String to,
            Result result,
            String why,
            Duration took,
            Optional<String> backTo) {}

    /**
     * Installs the new version beside the old one, waits until its providers are there, tries them
     * on a share of the peers, drains the old version, stops it and makes the new one the installed
     * one. What is worse than before is rolled back by itself.
     *
     * @param progress told each step on a thread of ours; quick
     * @return completes with what came of it; fails only for a defect
     */
    CompletionStage<Outcome> upgrade(Request request, Consumer<String> progress);

    /**
     * Replaces what an entry of the {@link #history} brought by what was there before it, in the
     * same careful way.
     *
     * @param number of the entry; empty for the last one that can be taken back
     */
    CompletionStage<Outcome> rollback(Optional<Integer> number, Consumer<String> progress);

    /**
     * Takes back the replacement that is under way; its stage completes when that is done. Nothing
     * where none is, or where the old version is gone already.
     */
    void abort();

    /** Features and bundles that can be replaced, by name. */
    List<String> replaceable();

    /**
     * Versions of a feature that the container knows, and where past ones of a bundle came from.
     */
    List<String> versions(String what);

    /** The replacements, oldest first; kept over restarts, the last 100. */
    List<Entry> history();
}
