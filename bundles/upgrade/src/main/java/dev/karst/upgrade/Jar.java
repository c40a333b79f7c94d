// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/**
 * A new bundle, fetched.
 *
 * @param location what it is installed by, and what features name
 * @param file where it lies now
 */
record Jar(String location, Path file, String name, String version, boolean provider) {
    private static final Pattern PROVIDES =
            Pattern.compile("objectClass:List<String>=\"[^\"]*dev\\.karst\\.spi\\.");

    /**
     * Fetches a bundle. What comes by Maven is found there again; anything else is kept, for the
     * container reads it at each change of its features.
     *
     * @param dir where bundles are kept
     */
    static Jar fetch(String url, Path dir) throws IOException, Refused {
        Files.createDirectories(dir);
        Path part = Files.createTempFile(dir, "new", ".jar");
        try {
            try (InputStream in = Outside.open(url)) {
                Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            }
            Jar j = read(url, part);
            Path kept = dir.resolve(j.name + "-" + j.version + ".jar");
            Files.move(part, kept, StandardCopyOption.REPLACE_EXISTING);
            String location = url.startsWith("mvn:") ? url : kept.toUri().toString();
            return new Jar(location, kept, j.name, j.version, j.provider);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static Jar read(String url, Path file) throws IOException, Refused {
        try (JarFile jar = new JarFile(file.toFile())) {
            Manifest m = jar.getManifest();
            Attributes a = m == null ? new Attributes() : m.getMainAttributes();
            String name = a.getValue("Bundle-SymbolicName");
            if (name == null) {
                throw new Refused(url + " is not a bundle: it has no Bundle-SymbolicName");
            }
            String version = a.getValue("Bundle-Version");
            return new Jar(
                    url,
                    file,
                    name.split(";")[0].trim(),
                    Versions.osgi(version == null ? "0" : version.trim()),
                    provides(a.getValue("Provide-Capability")));
        }
    }

    /** Whether a bundle with this header gives the core something. */
    static boolean provides(String capabilities) {
        return capabilities != null && PROVIDES.matcher(capabilities).find();
    }

    /** As {@link dev.karst.admin.ProviderInfo#bundle} says it. */
    String id() {
        return name + " " + version;
    }
}
