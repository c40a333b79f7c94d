// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** A built bundle: its headers, entries and classes. */
record Jar(Path path, String name, Attributes headers, List<String> entries) {
    private static final Map<Path, Collection<JavaClass>> CLASSES = new ConcurrentHashMap<>();

    static Jar open(Path path) {
        try (JarFile jar = new JarFile(path.toFile())) {
            Attributes headers = jar.getManifest().getMainAttributes();
            String name = Headers.parse(headers.getValue("Bundle-SymbolicName")).get(0).name();
            List<String> entries = jar.stream().map(e -> e.getName()).toList();
            return new Jar(path, name, headers, entries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All classes inside, private copies of libraries included. */
    Collection<JavaClass> classes() {
        return CLASSES.computeIfAbsent(path, Jar::load);
    }

    private static Collection<JavaClass> load(Path path) {
        try (JarFile jar = new JarFile(path.toFile())) {
            return List.copyOf(new ClassFileImporter().importJar(jar));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Kind kind() {
        return Kind.of(name);
    }

    List<Headers.Clause> header(String header) {
        String value = headers.getValue(header);
        return value == null ? List.of() : Headers.parse(value);
    }

    @Override
    public String toString() {
        return name;
    }
}
