// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

/**
 * Numbers that a person typed. Commands take them as text: in sessions without a terminal Karaf
 * hands over tokens, which its own conversion to {@code int} refuses.
 */
final class Numbers {
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
}
