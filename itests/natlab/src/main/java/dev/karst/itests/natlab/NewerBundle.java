// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A jar under another version, as a release would bring it. */
final class NewerBundle {
    private NewerBundle() {}

    /** Writes it into that folder; gives its URL. */
    static String of(Path jar, String version, Path folder) {
        String name = jar.getFileName().toString().replaceAll("-[0-9].*", "");
        Path out = folder.resolve(name + "-" + version + ".jar");
        try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
            Manifest m = in.getManifest();
            m.getMainAttributes().putValue("Bundle-Version", version);
            try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(out), m)) {
                for (JarEntry e = in.getNextJarEntry(); e != null; e = in.getNextJarEntry()) {
                    to.putNextEntry(new JarEntry(e.getName()));
                    in.transferTo(to);
                    to.closeEntry();
                }
            }
        } catch (IOException e) {
            throw new LabException("cannot copy " + jar + ": " + e.getMessage(), e);
        }
        return "file:" + out;
    }
}
