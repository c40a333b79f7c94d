// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureFileTest {
    private static final String OLD =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <features name="karst" xmlns="http://karaf.apache.org/xmlns/features/v1.6.0">
              <feature name="karst" version="0.1.0-SNAPSHOT"><feature>karst-t</feature></feature>
              <feature name="karst-t" version="0.1.0-SNAPSHOT">
                <feature>scr</feature>
                <bundle>mvn:g/t/0.1.0-SNAPSHOT</bundle>
              </feature>
            </features>
            """;
    private static final String NEXT =
            OLD.replace("0.1.0-SNAPSHOT", "0.2.0")
                    .replace("v1.6.0", "v1.5.0")
                    .replace("scr", "scr2");

    @TempDir Path dir;

    private String url(String name, String content) throws Exception {
        return Files.writeString(dir.resolve(name), content).toUri().toString();
    }

    @Test
    void getsTheNewBundle() throws Exception {
        String old = url("old.xml", OLD);
        Path to = dir.resolve("data/features-1.xml");
        FeatureFile.write(
                new Plan.FeatureChange(
                        "karst-t", "0.1.0.SNAPSHOT", "0.2.0", old, "", "mvn:g/t/0.1.0-SNAPSHOT"),
                "file:/x.jar",
                to);
        String text = Files.readString(to);
        assertTrue(text.contains("<feature name=\"karst-t\" version=\"0.2.0\">"), text);
        assertTrue(text.contains("<bundle>file:/x.jar</bundle>"), text);
        assertTrue(text.contains("name=\"karst\" version=\"0.1.0-SNAPSHOT\""), text);
        assertEquals(old, FeatureFile.origin(to.toUri().toString()));
    }

    @Test
    void getsTheNewDefinitionAndGoesBack() throws Exception {
        String old = url("old.xml", OLD);
        String next = url("next.xml", NEXT);
        Path to = dir.resolve("1.xml");
        FeatureFile.write(
                new Plan.FeatureChange(
                        "karst-t", "0.1.0-SNAPSHOT", "0.2.0", old, next, "mvn:g/t/0.2.0"),
                "mvn:g/t/0.2.0",
                to);
        String text = Files.readString(to);
        assertTrue(text.contains("<feature>scr2</feature>"), text);
        assertFalse(text.contains("v1.5.0"), text);
        Path back = dir.resolve("2.xml");
        FeatureFile.write(
                new Plan.FeatureChange(
                        "karst-t",
                        "0.2.0",
                        "0.1.0.SNAPSHOT",
                        to.toUri().toString(),
                        old,
                        "mvn:g/t/0.1.0-SNAPSHOT"),
                "mvn:g/t/0.1.0-SNAPSHOT",
                back);
        String again = Files.readString(back);
        assertTrue(again.contains("<feature>scr</feature>"), again);
        assertEquals(old, FeatureFile.origin(back.toUri().toString()), "still where it came from");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        String old = url("old.xml", OLD);
        Path to = dir.resolve("1.xml");
        Plan.FeatureChange unknown =
                new Plan.FeatureChange("karst-x", "1", "2", old, "", "mvn:g/t/0.1.0-SNAPSHOT");
        assertThrows(Refused.class, () -> FeatureFile.write(unknown, "file:/x", to));
        Plan.FeatureChange other =
                new Plan.FeatureChange("karst-t", "0.1.0.SNAPSHOT", "2", old, "", "mvn:g/t/9");
        assertThrows(Refused.class, () -> FeatureFile.write(other, "file:/x", to));
    }

    @Test
    void versionsAreThoseOfMavenAndOfOsgi() {
        assertEquals("0.1.0.SNAPSHOT", Versions.osgi("0.1.0-SNAPSHOT"));
        assertEquals("4.2.18.Final", Versions.osgi("4.2.18.Final"));
        assertEquals("1.0.0", Versions.osgi("1"));
        assertTrue(Versions.same("1.2-rc.1", "1.2.0.rc_1"));
        assertEquals("mvn:g/a/2/xml/features", Versions.sibling("mvn:g/a/1/xml/features", "2"));
        assertEquals(null, Versions.sibling("file:/a.jar", "2"));
        assertTrue(Versions.isUrl("file:/tmp/a.jar") && Versions.isUrl("mvn:a/b/1"));
        assertFalse(Versions.isUrl("0.2.0"));
    }

    @Test
    void providersAreKnownByWhatTheyProvide() {
        assertTrue(
                Jar.provides(
                        "osgi.service;objectClass:List<String>=\"dev.karst.spi.transport.Transport\";"
                                + "uses:=\"dev.karst.spi.transport\""));
        assertFalse(
                Jar.provides(
                        "osgi.service;objectClass:List<String>=\"dev.karst.tunnel.Tunnels\";"
                                + "uses:=\"dev.karst.spi.net\""));
        assertFalse(Jar.provides(null));
    }
}
