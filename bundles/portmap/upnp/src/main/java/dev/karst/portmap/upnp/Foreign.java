// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

/** Text that others chose, made fit to be shown and stored. */
final class Foreign {
    private Foreign() {}

    /** Printable, on one line, at most so many characters. */
    static String text(String raw, int most) {
        StringBuilder out = new StringBuilder();
        boolean gap = false;
        for (int i = 0; i < raw.length() && out.length() < most; i++) {
            char c = raw.charAt(i);
            boolean shown = c > ' ' && c < 0x7f || Character.isLetterOrDigit(c);
            if (!shown) {
                gap = true;
                continue;
            }
            if (gap && out.length() > 0 && out.length() + 1 < most) {
                out.append(' ');
            }
            gap = false;
            out.append(c);
        }
        return out.toString();
    }

    /** A decimal number without sign; -1 if it is none or above {@code most}. */
    static long number(String raw, long most) {
        String s = raw.trim();
        if (s.isEmpty() || s.length() > 18) {
            return -1;
        }
        long n = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            n = n * 10 + c - '0';
        }
        return n <= most ? n : -1;
    }
}
