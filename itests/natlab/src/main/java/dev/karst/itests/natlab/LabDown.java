// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Ends labs, whole or half made, whoever made them: by name alone. */
final class LabDown {

    private LabDown() {}

    /** All labs under a prefix, also those of which only namespaces are left. */
    static List<String> names(String prefix) {
        TreeSet<String> names = new TreeSet<>();
        entries(Lab.FOLDER)
                .filter(n -> n.startsWith(prefix + "-"))
                .forEach(n -> names.add(n.split("-")[1]));
        entries(NetNs.FOLDER)
                .filter(n -> n.startsWith(prefix + "-") && n.split("-").length == 3)
                .forEach(n -> names.add(n.split("-")[1]));
        return List.copyOf(names);
    }

    /** False if there was nothing to end. */
    static boolean down(String prefix, String name) {
        String tag = prefix + "-" + name;
        boolean any = Owned.end(tag) > 0;
        List<String> spaces = entries(NetNs.FOLDER).filter(n -> n.startsWith(tag + "-")).toList();
        if (!spaces.isEmpty()) {
            StringBuilder batch = new StringBuilder();
            spaces.forEach(n -> batch.append("netns del ").append(n).append('\n'));
            Sh.Done done =
                    Sh.run(
                            java.time.Duration.ofSeconds(30),
                            batch.toString(),
                            List.of("ip", "-force", "-batch", "-"));
            for (String space : spaces) {
                // A creator that died half-way may have left a file that is no namespace.
                if (!remove(NetNs.FOLDER.resolve(space))) {
                    throw new LabException(
                            "namespace " + space + " does not go: " + done.out().strip());
                }
            }
        }
        Path folder = Lab.folder(prefix, name);
        any |= !spaces.isEmpty() || Files.exists(folder);
        removeTree(folder);
        return any;
    }

    private static Stream<String> entries(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(p -> p.getFileName().toString()).toList().stream();
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new LabException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }

    private static boolean remove(Path file) {
        try {
            Files.deleteIfExists(file);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void removeTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new LabException(folder + " does not go: " + e.getMessage(), e);
        }
        remove(Lab.FOLDER); // the last lab takes it along
    }
}
