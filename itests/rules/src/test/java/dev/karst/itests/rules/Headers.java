// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** OSGi manifest headers: clauses with attributes and directives. */
final class Headers {
    private Headers() {}

    /**
     * One clause.
     *
     * @param parameters attributes by name, directives by name and colon
     */
    record Clause(String name, Map<String, String> parameters) {}

    static List<Clause> parse(String header) {
        List<Clause> out = new ArrayList<>();
        for (String clause : split(header, ',')) {
            List<String> names = new ArrayList<>();
            Map<String, String> parameters = new LinkedHashMap<>();
            for (String part : split(clause, ';')) {
                int eq = part.indexOf('=');
                if (eq < 0 || part.indexOf('"') >= 0 && part.indexOf('"') < eq) {
                    names.add(part.trim());
                } else {
                    String value = part.substring(eq + 1).trim();
                    parameters.put(part.substring(0, eq).trim(), value.replace("\"", ""));
                }
            }
            names.forEach(n -> out.add(new Clause(n, parameters)));
        }
        return out;
    }

    private static List<String> split(String text, char at) {
        List<String> out = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == at && !quoted) {
                out.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        out.add(text.substring(begin));
        return out.stream().filter(s -> !s.isBlank()).toList();
    }
}
