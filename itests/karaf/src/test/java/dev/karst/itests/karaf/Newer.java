// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import org.osgi.framework.Bundle;

/** The next releases of a bundle: the same classes under higher versions. */
final class Newer {
    private final byte[] original;
    private int releases;

    Newer(Bundle b) throws IOException {
        try (InputStream in = new URL(b.getLocation()).openStream()) {
            original = in.readAllBytes();
        }
    }

    /** The version of the last one. */
    String version() {
        return "0.1." + releases + ".later";
    }

    byte[] jar() throws IOException {
        releases++;
        ByteArrayOutputStream out = new ByteArrayOutputStream(original.length + 1000);
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(original))) {
            in.getManifest().getMainAttributes().putValue("Bundle-Version", version());
            try (JarOutputStream jar = new JarOutputStream(out, in.getManifest())) {
                for (JarEntry e = in.getNextJarEntry(); e != null; e = in.getNextJarEntry()) {
                    jar.putNextEntry(new JarEntry(e.getName()));
                    in.transferTo(jar);
                    jar.closeEntry();
                }
            }
        }
        return out.toByteArray();
    }

    InputStream stream() throws IOException {
        return new ByteArrayInputStream(jar());
    }

    /** Who looks at the file sees all of it or none. */
    void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, jar());
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
