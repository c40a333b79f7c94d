// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.karst.itests.karaf.Launched.Said;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** An operator upgrades a feature of a running node, restarts it, and goes back. */
public class UpgradeIT {
    private static final String FEATURE = "karst-transport-tcp";
    private static final String NEXT = "0.1.1";

    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    private Launched karaf;

    @Test
    public void aFeatureIsUpgradedUnderAStreamStaysAndGoesBack() throws Exception {
        Path dir = folder.getRoot().toPath();
        try (Launched server = new Launched(dir.resolve("server"));
                Launched far = new Launched(dir.resolve("far"));
                Launched node = new Launched(dir.resolve("node"));
                Echo echo = new Echo()) {
            karaf = node;
            String invite =
                    server.start("INVITE (\\S+)", "server", "--lite", "--host", "127.0.0.1");
            String peer = far.start("READY peer=(\\S+)", "run", "--lite", "--join", invite);
            node.start("READY peer=(\\S+)", "run", "--join", invite);
            works(far, "karst:expose echo tcp://127.0.0.1:" + echo.port() + " any");
            int port = freePort();
            works(node, "karst:connect " + peer);
            works(node, "karst:forward tcp://127.0.0.1:" + port + " " + peer + " echo");
            echo.through(port);

            refused("dev.karst 0.2.0", "plan a restart");
            refused(FEATURE + " 0.1.0-SNAPSHOT", "is the installed one");
            refused("dev.karst.shell 0.2.0", "bundle:update");

            Path watched = dir.resolve("events");
            Process watch = node.begin("karst:watch 60", watched);
            works(node, "feature:repo-add " + nextRelease(dir));
            long before = echo.checked();
            String said =
                    works(node, "karst:upgrade --canary 100 --watch 8s " + FEATURE + " " + NEXT);
            assertTrue(said, said.contains("installed feature: " + FEATURE + " " + NEXT));
            assertInstalled(NEXT);
            assertTrue("bytes meanwhile", echo.checked() > before);
            System.out.println(said + echo.end() + " bytes came back");
            watch.descendants().forEach(ProcessHandle::destroy);
            watch.destroy();
            String events = Files.readString(watched);
            assertTrue(events, events.contains("transport/tcp#"));
            assertFalse(events, events.contains("SUSPENDED"));

            node.stop();
            node.start("READY peer=(\\S+)", "run");
            assertInstalled(NEXT);
            works(node, "feature:install karst-crypto-jca"); // Karaf computes everything anew
            assertInstalled(NEXT);

            works(node, "karst:rollback");
            assertInstalled("0.1.0.SNAPSHOT");
            works(node, "feature:uninstall karst-crypto-jca");
            assertInstalled("0.1.0.SNAPSHOT");
            assertEquals(works(node, "karst:swap-history"), 2, history("DONE"));
        }
    }

    private static String works(Launched at, String command) throws Exception {
        Said said = at.exec(command);
        assertEquals(command + ": " + said.text(), 0, said.status());
        return said.text();
    }

    private void refused(String what, String why) throws Exception {
        Said said = karaf.exec("karst:upgrade " + what);
        assertTrue(said.toString(), said.status() != 0 && said.text().contains("REFUSED"));
        assertTrue(said.toString(), said.text().contains(why));
    }

    /** One provider, one bundle, one feature, all of that version. */
    private void assertInstalled(String version) throws Exception {
        assertLine("karst:providers", "transport/tcp#", version);
        assertLine("feature:list -i", FEATURE, version);
        assertLine("bundle:list -t 0", "transport.tcp", version);
    }

    private void assertLine(String command, String about, String version) throws Exception {
        String all = works(karaf, command);
        Stream<String> lines = all.lines().filter(l -> l.contains(about));
        String line = String.join("\n", lines.toList());
        assertTrue(command + ": " + all, line.contains(" " + version + " "));
        assertEquals(command + ": " + line, 1, line.lines().count());
    }

    private long history(String result) throws Exception {
        return works(karaf, "karst:swap-history").lines().filter(l -> l.contains(result)).count();
    }

    private static int freePort() throws IOException {
        try (ServerSocket s = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return s.getLocalPort();
        }
    }

    /** A file of features with the same jar under a higher version. */
    private static String nextRelease(Path dir) throws IOException {
        Path jar = dir.resolve("tcp-next.jar");
        try (InputStream file = Files.newInputStream(built());
                JarInputStream in = new JarInputStream(file);
                OutputStream to = Files.newOutputStream(jar)) {
            in.getManifest().getMainAttributes().putValue("Bundle-Version", NEXT);
            try (JarOutputStream out = new JarOutputStream(to, in.getManifest())) {
                for (JarEntry e = in.getNextJarEntry(); e != null; e = in.getNextJarEntry()) {
                    out.putNextEntry(new JarEntry(e.getName()));
                    in.transferTo(out);
                    out.closeEntry();
                }
            }
        }
        String features =
                """
                <features name="karst-next" xmlns="http://karaf.apache.org/xmlns/features/v1.6.0">
                  <feature name="%s" version="%s">
                    <feature>scr</feature>
                    <feature>karst-api</feature>
                    <bundle>%s</bundle>
                  </feature>
                </features>
                """
                        .formatted(FEATURE, NEXT, jar.toUri());
        return Files.writeString(dir.resolve("next.xml"), features).toUri().toString();
    }

    private static Path built() throws IOException {
        Path target = Path.of(System.getProperty("karst.root"), "bundles/transport/tcp/target");
        try (Stream<Path> all = Files.list(target)) {
            return all.filter(p -> p.toString().endsWith(".jar")).findFirst().orElseThrow();
        }
    }
}
