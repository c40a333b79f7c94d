// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A short run of {@code itests/run swap soak}: a real container, a few small nodes, 30 swaps. */
public class SwapSoakIT {
    private static final long LIMIT_SECONDS = 300;

    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void thirtySwapsLoseNothing() throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("karst.root"));
        Path out = folder.newFile("soak.out").toPath();
        ProcessBuilder soak =
                new ProcessBuilder(
                        root.resolve("itests/run").toString(),
                        "swap",
                        "soak",
                        "--swaps",
                        "30",
                        "--peers",
                        "3",
                        "--patience",
                        "10000"); // a build shares its machine: how long is for the long run
        soak.redirectErrorStream(true).redirectOutput(out.toFile());
        soak.environment().put("TMPDIR", folder.getRoot().toString());
        soak.environment().put("KARST_SWAP_JAR", jar(root).toString());
        Process p = soak.start();
        p.getOutputStream().close();
        boolean ended = p.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            p.destroy(); // it then stops what it started
            p.waitFor(30, TimeUnit.SECONDS);
        }
        String said = Files.readString(out, StandardCharsets.UTF_8);
        assertTrue("no end after " + LIMIT_SECONDS + " s: " + said, ended);
        assertEquals(said, 0, p.exitValue());
        assertTrue(said, said.contains("sessions_lost=0 bytes_lost=0"));
        assertTrue(said, said.contains("suspended_beside=0"));
    }

    private static Path jar(Path root) throws IOException {
        try (Stream<Path> all = Files.list(root.resolve("itests/swap/target"))) {
            return all.filter(p -> p.toString().endsWith("-SNAPSHOT.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("itests/swap is not built"));
        }
    }
}
