// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.util.List;
import java.util.Map;

/**
 * Writes JSON (RFC 8259) on one line, of maps, lists, strings, numbers and booleans. Whatever a
 * terminal would obey is escaped, so that texts of others can be shown as they are.
 */
final class Json {
    private Json() {}

    static String of(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> m) {
            String comma = "{";
            for (Map.Entry<?, ?> e : m.entrySet()) {
                out.append(comma);
                string(e.getKey().toString(), out);
                out.append(':');
                write(e.getValue(), out);
                comma = ",";
            }
            out.append(m.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> l) {
            String comma = "[";
            for (Object o : l) {
                out.append(comma);
                write(o, out);
                comma = ",";
            }
            out.append(l.isEmpty() ? "[]" : "]");
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            string(value.toString(), out);
        }
    }

    private static void string(String s, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            int c = s.codePointAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (plain(c)) {
                out.appendCodePoint(c);
                i += Character.charCount(c) - 1;
            } else {
                out.append(String.format("\\u%04x", (int) s.charAt(i)));
            }
        }
        out.append('"');
    }

    private static boolean plain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    false;
            default -> true;
        };
    }
}
