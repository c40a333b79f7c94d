// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    private ProcessBuilder natlab(String... words) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Natlab.class.getName()));
        command.addAll(List.of("--prefix", Labs.PREFIX));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    @Test
    void creatorKilledHalfWay() throws Exception {
        Process creator = natlab("up", name, "a=home,hosts=30", "b=user,eim,hosts=30").start();
        NetNs early = new NetNs(Labs.PREFIX + "-" + name + "-inet");
        Labs.await("first namespace", 20, early::exists);
        creator.destroyForcibly().waitFor();
        assertTrue(!Labs.left(name, devices).isEmpty(), "nothing was half made");
        assertTrue(LabDown.names(Labs.PREFIX).contains(name));
        assertTrue(LabDown.down(Labs.PREFIX, name));
        assertEquals(List.of(), Labs.left(name, devices));
    }

    /** The last step, the rules of a router, does not work. */
    @Test
    void upThatFailsHalfWayCleansUp(@TempDir Path bin) throws Exception {
        Path nft =
                Files.writeString(
                        bin.resolve("nft"),
                        """
                #!/bin/sh
                rules=$(cat)
                case $rules in *"chain forward"*) echo "no rules today" >&2; exit 1 ;; esac
                """);
        assertTrue(nft.toFile().setExecutable(true));
        ProcessBuilder up = natlab("up", name, "a=home,delay=5", "b=home", "c=home");
        up.environment().put("PATH", bin + ":" + System.getenv("PATH"));
        Process running = up.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, running.waitFor(), said);
        assertTrue(said.contains("no rules today"), said);
        assertEquals(List.of(), Labs.left(name, devices));
    }

    @Test
    void whatIsThereIsLeftAlone() {
        Sh.must("", "ip", "netns", "add", Labs.PREFIX + "-" + name + "-b1");
        assertThrows(LabException.class, () -> Lab.up(Labs.PREFIX, name, List.of("b=home")));
        assertTrue(new NetNs(Labs.PREFIX + "-" + name + "-b1").exists());
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
