// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table as CSV, and as HTML with colours and the reasons on a pointed-at cell. */
final class Files {
    private static final String HEAD =
            "from,to,means,seeds,direct,relayed,failed,lost,late,ways,first_ms_median,first_ms_most,"
                    + "direct_ms_median,direct_ms_most,remarkable_seed,why\n";

    private Files() {}

    static void write(Path folder, Table t) {
        try {
            java.nio.file.Files.createDirectories(folder);
            java.nio.file.Files.writeString(folder.resolve(t.name() + ".csv"), csv(t));
            java.nio.file.Files.writeString(folder.resolve(t.name() + ".html"), html(t));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String csv(Table t) {
        return HEAD + t.cells().stream().map(c -> row(t, c)).collect(Collectors.joining());
    }

    private static String row(Table t, Cell c) {
        return String.format(
                Locale.ROOT,
                "%s,%s,%s,%d,%d,%d,%d,%d,%d,%s,%d,%d,%d,%d,%s,\"%s\"%n",
                c.from(),
                c.to(),
                t.means(),
                c.outcomes().size(),
                c.direct(),
                c.relayed(),
                c.failed(),
                c.lost(),
                c.count(o -> !o.isDirect() && o.late()),
                c.ways().toString().replace(", ", " "),
                c.time(Outcome::first, 0.5),
                c.time(Outcome::first, 1),
                c.time(Outcome::direct, 0.5),
                c.time(Outcome::direct, 1),
                c.remarkable().map(o -> Long.toString(o.seed())).orElse(""),
                c.remarkable().map(Files::why).orElse("").replace("\"", "'"));
    }

    static String why(Outcome o) {
        return o.lost().isEmpty() ? o.why() : o.lost() + " " + o.why();
    }

    private static String html(Table t) {
        StringBuilder out = new StringBuilder();
        out.append("<!doctype html><meta charset=utf-8><title>")
                .append(t.name())
                .append("</title>");
        out.append(
                """
                <style>
                body{font:13px sans-serif} table{border-collapse:collapse}
                td{width:1.1em;text-align:center;border:1px solid #fff;font:12px monospace}
                th{font-weight:normal;text-align:left;white-space:nowrap}
                .D,.R{background:#7bd389}.T,.U{background:#a6e3a1}.P{background:#d9f2a5}
                .r{background:#f9e2af}.h{background:#f5c27a}.x,.l{background:#f38ba8}
                </style>
                """);
        out.append("<pre>").append(escape(t.summary())).append("</pre><table>\n");
        int n = (int) Math.sqrt(t.cells().size());
        for (int i = 0; i < t.cells().size(); i++) {
            Cell c = t.cells().get(i);
            if (i % n == 0) {
                out.append("<tr><th>").append(c.from()).append("</th>");
            }
            char letter = c.letter();
            String style =
                    switch (letter) {
                        case '-' -> "r";
                        case '~' -> "h";
                        case '!' -> "l";
                        default -> String.valueOf(letter);
                    };
            String title =
                    c.from()
                            + " to "
                            + c.to()
                            + ": "
                            + c.ways()
                            + ", first "
                            + c.time(Outcome::first, 0.5)
                            + " ms, direct "
                            + c.time(Outcome::direct, 0.5)
                            + " ms. "
                            + c.remarkable().map(Files::why).orElse("");
            out.append("<td class=").append(style).append(" title=\"").append(escape(title));
            out.append("\">").append(letter).append("</td>");
        }
        return out.append("</table>\n").toString();
    }

    private static String escape(String s) {
        return s.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
