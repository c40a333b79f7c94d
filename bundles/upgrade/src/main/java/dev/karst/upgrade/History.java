// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.admin.Upgrades.Entry;
import dev.karst.admin.Upgrades.Result;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * The replacements of the past, in a properties file: {@code 12.from=…}. Written whole and moved
 * into place, so that a crash leaves the old or the new one. Not thread-safe.
 */
final class History {
    private static final int KEPT = 100;
    private final Path file;
    private final List<Line> lines = new ArrayList<>();

    /**
     * An entry, and what a rollback needs beside it.
     *
     * @param feature that had the old bundle, with its version and file of features; else empty
     * @param rollbackOf number of the entry that this one took back, 0 for none
     */
    record Line(
            Entry entry,
            String feature,
            String featureVersion,
            String repository,
            int rollbackOf) {}

    History(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            Properties p = new Properties();
            try (Reader in = Files.newBufferedReader(file)) {
                p.load(in);
            }
            p.stringPropertyNames().stream()
                    .filter(k -> k.matches("\\d{1,9}\\.at"))
                    .map(k -> Integer.parseInt(k.substring(0, k.indexOf('.'))))
                    .sorted()
                    .forEach(n -> read(p, n));
        }
    }

    /** What a person spoiled in the file is left out. */
    private void read(Properties p, int n) {
        try {
            String backTo = p.getProperty(n + ".backTo", "");
            Entry e =
                    new Entry(
                            n,
                            Instant.parse(p.getProperty(n + ".at")),
                            p.getProperty(n + ".what", ""),
                            p.getProperty(n + ".from", ""),
                            p.getProperty(n + ".to", ""),
                            Result.valueOf(p.getProperty(n + ".result", "")),
                            p.getProperty(n + ".why", ""),
                            Duration.ofMillis(Long.parseLong(p.getProperty(n + ".took", "0"))),
                            backTo.isEmpty() ? Optional.empty() : Optional.of(backTo));
            lines.add(
                    new Line(
                            e,
                            p.getProperty(n + ".feature", ""),
                            p.getProperty(n + ".featureVersion", ""),
                            p.getProperty(n + ".repository", ""),
                            Integer.parseInt(p.getProperty(n + ".rollbackOf", "0"))));
        } catch (RuntimeException e) {
            System.getLogger(History.class.getName())
                    .log(System.Logger.Level.WARNING, "entry {0} of {1}: {2}", n, file, e);
        }
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    int next() {
        return lines.isEmpty() ? 1 : lines.get(lines.size() - 1).entry().number() + 1;
    }

    /** The last that brought something and was not taken back. */
    Optional<Line> last() {
        List<Integer> takenBack = new ArrayList<>();
        for (int i = lines.size() - 1; i >= 0; i--) {
            Line l = lines.get(i);
            Result r = l.entry().result();
            if (l.rollbackOf() > 0) {
                if (r == Result.DONE) {
                    takenBack.add(l.rollbackOf());
                }
            } else if ((r == Result.DONE || r == Result.UNDECIDED)
                    && !takenBack.contains(l.entry().number())) {
                return Optional.of(l);
            }
        }
        return Optional.empty();
    }

    Optional<Line> line(int number) {
        return lines.stream().filter(l -> l.entry().number() == number).findFirst();
    }

    void add(Line line) throws IOException {
        lines.add(line);
        while (lines.size() > KEPT) {
            lines.remove(0);
        }
        Properties p = new Properties();
        lines.forEach(l -> write(p, l));
        Files.createDirectories(file.getParent());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (Writer out = Files.newBufferedWriter(part)) {
            p.store(out, "karst:swap-history");
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(Properties p, Line l) {
        Entry e = l.entry();
        String n = e.number() + ".";
        p.setProperty(n + "at", e.at().toString());
        p.setProperty(n + "what", e.what());
        p.setProperty(n + "from", e.from());
        p.setProperty(n + "to", e.to());
        p.setProperty(n + "result", e.result().name());
        p.setProperty(n + "why", e.why());
        p.setProperty(n + "took", Long.toString(e.took().toMillis()));
        p.setProperty(n + "backTo", e.backTo().orElse(""));
        p.setProperty(n + "feature", l.feature());
        p.setProperty(n + "featureVersion", l.featureVersion());
        p.setProperty(n + "repository", l.repository());
        p.setProperty(n + "rollbackOf", Integer.toString(l.rollbackOf()));
    }
}
