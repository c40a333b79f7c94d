// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** The same bundle under a higher version, for {@code karst demo --swap}: {@code JAR OUT}. */
public final class NextRelease {
    private NextRelease() {}

    public static void main(String[] args) throws IOException {
        try (JarFile in = new JarFile(args[0]);
                OutputStream file = Files.newOutputStream(Path.of(args[1]))) {
            Manifest manifest = new Manifest(in.getManifest());
            Attributes main = manifest.getMainAttributes();
            main.putValue("Bundle-Version", next(main.getValue("Bundle-Version")));
            try (JarOutputStream out = new JarOutputStream(file, manifest)) {
                for (Enumeration<JarEntry> all = in.entries(); all.hasMoreElements(); ) {
                    JarEntry e = all.nextElement();
                    if (!e.getName().equals(JarFile.MANIFEST_NAME)) {
                        out.putNextEntry(new JarEntry(e.getName()));
                        in.getInputStream(e).transferTo(out);
                        out.closeEntry();
                    }
                }
            }
        }
    }

    /** 0.1.0.SNAPSHOT becomes 0.1.1.demo. */
    private static String next(String version) {
        String[] parts = version.split("\\.");
        return parts[0] + "." + parts[1] + "." + (Integer.parseInt(parts[2]) + 1) + ".demo";
    }
}
