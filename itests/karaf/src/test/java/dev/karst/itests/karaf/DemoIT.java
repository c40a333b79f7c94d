// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The first thing that a newcomer runs, with the small nodes; it was built a moment ago. */
public class DemoIT {
    private static final long LIMIT_SECONDS = 180;

    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void theDemoEndsWithOk() throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("karst.root"));
        Path out = folder.newFile("demo.out").toPath();
        ProcessBuilder demo =
                new ProcessBuilder(root.resolve("distribution/karst").toString(), "demo", "--lite");
        demo.redirectErrorStream(true).redirectOutput(out.toFile());
        demo.environment().put("TMPDIR", folder.getRoot().toString());
        Process p = demo.start();
        p.getOutputStream().close();
        boolean ended = p.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            p.destroy(); // it then stops what it started
            p.waitFor(10, TimeUnit.SECONDS);
        }
        String said = Files.readString(out, StandardCharsets.UTF_8);
        assertTrue("no end after " + LIMIT_SECONDS + " s: " + said, ended);
        assertEquals(said, 0, p.exitValue());
        assertTrue(said, said.contains("DEMO OK"));
    }
}
