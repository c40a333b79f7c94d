// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the source tree must look like. Each method gives violations. */
final class SourceRules {
    private static final int MOST_LINES = 500;
    private static final String SPDX = "// SPDX-License-Identifier: Apache-2.0";
    private static final Pattern ARTIFACT =
            Pattern.compile("</parent>\\s*<artifactId>([^<]+)</artifactId>", Pattern.DOTALL);
    private static final Pattern PACKAGE =
            Pattern.compile("^package ([a-z0-9_.]+);", Pattern.MULTILINE);

    private SourceRules() {}

    static List<String> names(House.Module m) {
        List<String> out = new ArrayList<>();
        Matcher a = ARTIFACT.matcher(House.read(m.path().resolve("pom.xml")));
        String artifact = a.find() ? a.group(1) : "none";
        if (!artifact.equals(m.name())) {
            out.add(m.folder() + " has the artifact " + artifact + ", not " + m.name());
        }
        Path main = m.path().resolve("src/main/java");
        if (!Files.isDirectory(main)) {
            return out;
        }
        for (Path p : House.javaFiles(main)) {
            Matcher pkg = PACKAGE.matcher(House.read(p));
            String name = pkg.find() ? pkg.group(1) : "none";
            if (!name.equals(m.name()) && !name.startsWith(m.name() + ".")) {
                out.add(p + " is in the package " + name);
            }
            if (!p.getParent().equals(main.resolve(name.replace('.', '/')))) {
                out.add(p + " does not lie where its package says");
            }
        }
        return out;
    }

    static List<String> readme(House.Module m) {
        Path readme = m.path().resolve("README.md");
        if (!Files.isRegularFile(readme)) {
            return List.of(m.folder() + " has no README.md");
        }
        long lines = House.read(readme).lines().filter(l -> !l.isBlank()).count();
        if (lines < 5 || lines > 90) {
            return List.of(m.folder() + "/README.md has " + lines + " lines: one screen is wanted");
        }
        return List.of();
    }

    static List<String> handWritten(House.Module m) {
        List<String> out = new ArrayList<>();
        for (String p : List.of("META-INF/MANIFEST.MF", "OSGI-INF")) {
            if (Files.exists(m.path().resolve("src/main/resources").resolve(p))) {
                out.add(m.folder() + " has a hand-written " + p);
            }
        }
        return out;
    }

    static List<String> file(Path p) {
        List<String> out = new ArrayList<>();
        List<String> lines = House.read(p).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(SPDX)) {
            out.add(p + " does not begin with " + SPDX);
        }
        if (lines.size() >= MOST_LINES) {
            out.add(p + " has " + lines.size() + " lines");
        }
        return out;
    }
}
