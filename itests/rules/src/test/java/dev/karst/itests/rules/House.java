// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where everything lies: the source tree, its modules, and the jars that were built of them. */
final class House {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    private House() {}

    /** A folder under bundles/ and its symbolic name. */
    record Module(String folder, Path path) {
        String name() {
            return switch (folder) {
                case "api" -> "dev.karst";
                default -> "dev.karst." + folder.replace('/', '.');
            };
        }
    }

    /** The root of the source tree. */
    static Path root() {
        Path p = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(p.resolve("bundles/pom.xml"))) {
            p = p.getParent();
            if (p == null) {
                throw new IllegalStateException("not inside the source tree");
            }
        }
        return p;
    }

    static List<Module> modules() {
        Path bundles = root().resolve("bundles");
        List<Module> out = new ArrayList<>();
        Matcher m = MODULE.matcher(read(bundles.resolve("pom.xml")));
        while (m.find()) {
            out.add(new Module(m.group(1), bundles.resolve(m.group(1))));
        }
        return out;
    }

    /** The built jars of all modules, from the class path of this test. */
    static List<Jar> jars() {
        List<Jar> out = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            if (entry.endsWith(".jar")
                    && Path.of(entry).getFileName().toString().startsWith("dev.karst")) {
                out.add(Jar.open(Path.of(entry)));
            }
        }
        if (out.isEmpty()) {
            throw new IllegalStateException("no jars: run this by mvn verify, which builds them");
        }
        return out;
    }

    /** All Java files of the tree but what was built. */
    static List<Path> javaFiles() {
        Path root = root();
        List<Path> out = new ArrayList<>();
        for (String part : List.of("bundles", "itests", "distribution")) {
            out.addAll(javaFiles(root.resolve(part)));
        }
        return out;
    }

    static List<Path> javaFiles(Path under) {
        try (Stream<Path> all = Files.walk(under)) {
            return all.filter(p -> p.toString().endsWith(".java"))
                    .filter(p -> !p.toString().contains("/target/"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path p) {
        try {
            return Files.readString(p);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
