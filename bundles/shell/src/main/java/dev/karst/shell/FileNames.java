// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** Turns what a peer calls a file into a name that is safe in one directory on any system. */
final class FileNames {
    static final int MAX_BYTES = 200;
    private static final Pattern RESERVED =
            Pattern.compile("(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?");

    private FileNames() {}

    /** Never empty, hidden, reserved, a path, or longer than {@value #MAX_BYTES} bytes. */
    static String safe(String foreign) {
        String name =
                foreign.substring(
                        Math.max(foreign.lastIndexOf('/'), foreign.lastIndexOf('\\')) + 1);
        StringBuilder out = new StringBuilder();
        Text.safe(name)
                .codePoints()
                .forEach(c -> out.appendCodePoint("<>:\"|?*".indexOf(c) >= 0 ? '_' : c));
        String clean = trimmed(out.toString().strip());
        if (clean.startsWith(".") || RESERVED.matcher(clean.toLowerCase(Locale.ROOT)).matches()) {
            clean = "_" + clean;
        }
        clean = trimmed(cut(clean));
        return clean.isEmpty() ? "file" : clean;
    }

    private static String trimmed(String name) {
        int end = name.length();
        while (end > 0 && (name.charAt(end - 1) == '.' || name.charAt(end - 1) == ' ')) {
            end--;
        }
        return name.substring(0, end);
    }

    /** Shortens before the extension. */
    private static String cut(String name) {
        if (bytes(name) <= MAX_BYTES) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        String end = dot > 0 && bytes(name.substring(dot)) <= 20 ? name.substring(dot) : "";
        int[] points = name.substring(0, name.length() - end.length()).codePoints().toArray();
        int room = MAX_BYTES - bytes(end);
        StringBuilder out = new StringBuilder();
        for (int p : points) {
            String next = Character.toString(p);
            room -= bytes(next);
            if (room < 0) {
                break;
            }
            out.append(next);
        }
        return out.append(end).toString();
    }

    private static int bytes(String s) {
        return s.getBytes(StandardCharsets.UTF_8).length;
    }

    /** {@code report.pdf}, then {@code report-1.pdf} and so on. */
    static String numbered(String name, int number) {
        if (number == 0) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        return dot > 0
                ? name.substring(0, dot) + "-" + number + name.substring(dot)
                : name + "-" + number;
    }
}
