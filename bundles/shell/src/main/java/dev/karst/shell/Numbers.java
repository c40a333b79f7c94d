// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers that a person typed. Commands take them as text: in sessions without a terminal Karaf
 * hands over tokens, which its own conversion to {@code int} refuses.
 */
final class Numbers {
    private static final Pattern TIME = Pattern.compile("(\\d{1,6})([smh])?");

    private Numbers() {}

    static int parse(String what, String text, int least, int most) {
        try {
            int n = Integer.parseInt(text.trim());
            if (n >= least && n <= most) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException(
                what + " is a number from " + least + " to " + most + ", not \"" + text + "\"");
    }

    /** {@code 90}, {@code 90s}, {@code 5m} or {@code 1h}, up to a day. */
    static Duration time(String what, String text) {
        Matcher m = TIME.matcher(text.trim());
        if (m.matches()) {
            long unit = "m".equals(m.group(2)) ? 60 : "h".equals(m.group(2)) ? 3600 : 1;
            long seconds = Long.parseLong(m.group(1)) * unit;
            if (seconds <= 86_400) {
                return Duration.ofSeconds(seconds);
            }
        }
        throw new IllegalArgumentException(
                what + " is a time up to a day as in 30s, 5m, not \"" + text + "\"");
    }

    /**
     * Percent, {@code 10} or {@code 10%}, as a share from 0 to 1. Karaf's shell wants the sign in
     * quotes.
     */
    static double share(String what, String text) {
        try {
            double v = Double.parseDouble(text.trim().replaceFirst("%$", "")) / 100;
            if (v >= 0 && v <= 1) {
                return v;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException(
                what + " is a number of percent from 0 to 100, not \"" + text + "\"");
    }
}
