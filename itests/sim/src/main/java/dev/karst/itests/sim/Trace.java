// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.util.function.Consumer;

/**
 * What happened: all of it in a digest, the last of it as text. Two runs of one seed must have the
 * same digest.
 */
final class Trace {
    private static final int KEPT = 4000;

    private final long[] times = new long[KEPT];
    private final String[] who = new String[KEPT];
    private final String[] what = new String[KEPT];
    private long count;
    private long digest = 0xcbf29ce484222325L;

    /** Everything is also told there, at once; null = nowhere. */
    Consumer<String> echo;

    void add(long time, String by, String happened) {
        int i = (int) (count++ % KEPT);
        times[i] = time;
        who[i] = by;
        what[i] = happened;
        if (echo != null) {
            echo.accept(line(i));
        }
        digest = Seeds.mix(digest ^ time);
        digest = Seeds.mix(digest ^ by.hashCode());
        digest = Seeds.mix(digest ^ happened.hashCode());
    }

    long digest() {
        return Seeds.mix(digest ^ count);
    }

    /** The last {@code lines} entries, oldest first: seconds, who, what. */
    String tail(int lines) {
        int n = (int) Math.min(Math.min(lines, KEPT), count);
        StringBuilder out = new StringBuilder(n * 80);
        for (long k = count - n; k < count; k++) {
            int i = (int) (k % KEPT);
            out.append(line(i)).append('\n');
        }
        return out.toString();
    }

    private String line(int i) {
        return String.format("%14.6f %-10s %s", times[i] / 1e9, who[i], what[i]);
    }
}
