// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** The bundles inside this jar, in the order in which they start. */
final class NestedBundles {

    private static final String FOLDER = "bundles/";

    /** Settings come first, so that every component activates once, with them. */
    private static final List<String> FIRST =
            List.of("org.apache.felix.configadmin", "org.apache.felix.fileinstall");

    /** How many of the list read the settings; the others start after them. */
    static final int SETTINGS_FIRST = FIRST.size();

    /** What makes a node; a container of servers leaves it out. */
    private static final Set<String> NODE_ONLY =
            Set.of(
                    "dev.karst.core",
                    "dev.karst.net.netty",
                    "dev.karst.transport.tcp",
                    "dev.karst.transport.quic",
                    "dev.karst.dep.bouncycastle",
                    "dev.karst.crypto.bouncycastle",
                    "dev.karst.signaling.mqtt",
                    "dev.karst.directory.mqtt",
                    "dev.karst.directory.fixed",
                    "dev.karst.nat.stun",
                    "dev.karst.traversal.direct",
                    "dev.karst.traversal.reverse",
                    "dev.karst.traversal.tcppunch",
                    "dev.karst.traversal.udppunch",
                    "dev.karst.traversal.predict",
                    "dev.karst.relay.turn",
                    "dev.karst.portmap.natpmp",
                    "dev.karst.portmap.pcp",
                    "dev.karst.gateway.tunnel",
                    "dev.karst.shell");

    private NestedBundles() {}

    static List<Nested> read(boolean server) throws IOException {
        URL self = NestedBundles.class.getResource("NestedBundles.class");
        if (self == null || !(self.openConnection() instanceof JarURLConnection connection)) {
            throw new IOException("not started from its jar");
        }
        JarFile jar = connection.getJarFile();
        return jar.stream()
                .filter(e -> e.getName().startsWith(FOLDER) && e.getName().endsWith(".jar"))
                .map(e -> new Nested(jar, e))
                .filter(n -> !(server && NODE_ONLY.contains(n.name())))
                .sorted(Comparator.comparingInt(Nested::rank).thenComparing(Nested::name))
                .toList();
    }

    record Nested(JarFile jar, JarEntry entry) {

        String name() {
            String path = entry.getName();
            return path.substring(FOLDER.length(), path.length() - ".jar".length());
        }

        InputStream open() throws IOException {
            return jar.getInputStream(entry);
        }

        private int rank() {
            int first = FIRST.indexOf(name());
            return first < 0 ? FIRST.size() : first;
        }
    }
}
