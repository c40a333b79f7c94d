// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Shows how far a transfer is: a line per two seconds, so that logs and pipes stay readable. */
final class Progress {
    private static final long EVERY_MILLIS = 2_000;

    private final String verb;
    private final long total;
    private final Stopwatch time;
    private final PrintStream out;
    private long done;
    private long shownAt;

    Progress(String verb, long total, Stopwatch time, PrintStream out) {
        this.verb = verb;
        this.total = total;
        this.time = time;
        this.out = out;
    }

    void add(int bytes) {
        done += bytes;
        long now = time.millis();
        if (now - shownAt >= EVERY_MILLIS) {
            shownAt = now;
            out.println(
                    String.format(
                            Locale.ROOT,
                            "%5.1f %%  %s of %s  %s",
                            total == 0 ? 100.0 : 100.0 * done / total,
                            Text.bytes(done),
                            Text.bytes(total),
                            rate(now)));
        }
    }

    String summary() {
        long millis = time.millis();
        return verb
                + " "
                + Text.bytes(done)
                + " in "
                + Text.duration(Duration.ofMillis(Math.max(1, millis)))
                + " ("
                + rate(millis)
                + ")";
    }

    private String rate(long millis) {
        return Text.bytes(done * 1000 / Math.max(1, millis)) + "/s";
    }
}
