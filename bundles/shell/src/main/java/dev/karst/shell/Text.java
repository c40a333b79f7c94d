// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.time.Duration;
import java.util.Locale;

/** Numbers and foreign texts as people read them. */
final class Text {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Text() {}

    /** {@code 999 B}, {@code 1.2 MiB}: three figures or so. */
    static String bytes(long n) {
        if (n < 1024) {
            return n + " B";
        }
        double v = n;
        int unit = -1;
        do {
            v /= 1024;
            unit++;
        } while (v >= 1023.95 && unit < UNITS.length - 1);
        return String.format(Locale.ROOT, v < 99.95 ? "%.1f %s" : "%.0f %s", v, UNITS[unit]);
    }

    /** {@code 0.4 ms}, {@code 12 ms}, {@code 3.4 s}, {@code 2 min 5 s}; a dash for zero. */
    static String duration(Duration d) {
        if (d.isZero() || d.isNegative()) {
            return "-";
        }
        long micros = d.toNanos() / 1000;
        if (micros < 9_950) {
            return String.format(Locale.ROOT, "%.1f ms", micros / 1e3);
        }
        if (micros < 999_500) {
            return String.format(Locale.ROOT, "%d ms", Math.round(micros / 1e3));
        }
        if (d.toSeconds() < 60) {
            return String.format(Locale.ROOT, "%.1f s", micros / 1e6);
        }
        return d.toMinutes() < 60
                ? d.toMinutes() + " min " + d.toSecondsPart() + " s"
                : d.toHours() + " h " + d.toMinutesPart() + " min";
    }

    /** A text that others chose, on one line and without anything a terminal would obey. */
    static String safe(String foreign) {
        if (foreign == null) {
            return "";
        }
        StringBuilder out = new StringBuilder(foreign.length());
        foreign.codePoints()
                .forEach(
                        c -> {
                            int type = Character.getType(c);
                            boolean shown =
                                    type != Character.CONTROL
                                            && type != Character.FORMAT
                                            && type != Character.LINE_SEPARATOR
                                            && type != Character.PARAGRAPH_SEPARATOR
                                            && type != Character.SURROGATE;
                            out.appendCodePoint(shown ? c : ' ');
                        });
        return out.toString().strip();
    }
}
