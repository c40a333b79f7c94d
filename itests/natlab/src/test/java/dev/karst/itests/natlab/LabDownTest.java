// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Labs that end badly leave nothing behind either. */
class LabDownTest {

    private final String name = Labs.name("d");
    private TreeSet<String> devices;

    @BeforeEach
    void before() throws IOException {
        Labs.needed();
        devices = Labs.devices();
    }

    @AfterEach
    void after() {
        if (Need.missing().isEmpty()) {
            LabDown.down(Labs.PREFIX, name);
        }
    }

    @Test
    void creatorKilledHalfWay() throws Exception {
        String[] command = {
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Natlab.class.getName(),
            "--prefix",
            Labs.PREFIX,
            "up",
            name,
            "a=home,hosts=30",
            "b=user,eim,hosts=30"
        };
        Process creator = new ProcessBuilder(command).inheritIO().start();
        NetNs early = new NetNs(Labs.PREFIX + "-" + name + "-inet");
        Labs.await("first namespace", 20, early::exists);
        creator.destroyForcibly().waitFor();
        assertTrue(!Labs.left(name, devices).isEmpty(), "nothing was half made");
        assertTrue(LabDown.names(Labs.PREFIX).contains(name));
        assertTrue(LabDown.down(Labs.PREFIX, name));
        assertEquals(List.of(), Labs.left(name, devices));
    }

    @Test
    void upThatFailsHalfWayCleansUp() throws IOException {
        // The name of a namespace in the middle is taken.
        Sh.must("", "ip", "netns", "add", Labs.PREFIX + "-" + name + "-b1");
        assertThrows(
                LabException.class,
                () -> Lab.up(Labs.PREFIX, name, List.of("a=home,delay=5", "b=home", "c=home")));
        assertEquals(List.of(), Labs.left(name, devices));
    }

    @Test
    void programsAndTheirChildrenEnd() throws Exception {
        Lab lab = Lab.up(Labs.PREFIX, name, List.of("a=home"));
        lab.start("a1", "sleep", "sh", "-c", "setsid sleep 600 & sleep 600");
        Labs.await("three processes", 5, () -> Owned.of(lab.tag()).size() == 3);
        assertThrows(LabException.class, () -> Lab.up(Labs.PREFIX, name, List.of("a=home")));
        assertEquals(3, Owned.of(lab.tag()).size(), "a second up of the same name harms nothing");
        lab.close();
        assertEquals(List.of(), Labs.left(name, devices));
    }
}
