// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
        String said =
                Script.run(
                        folder.getRoot().toPath(),
                        LIMIT_SECONDS,
                        Map.of("KARST_SWAP_JAR", jar().toString()),
                        "itests/run",
                        "swap",
                        "soak",
                        "--swaps",
                        "30",
                        "--warm",
                        "0",
                        "--peers",
                        "3",
                        "--patience",
                        "10000"); // a build shares its machine: how long is for the long run
        assertTrue(said, said.contains("sessions_lost=0 bytes_lost=0"));
        assertTrue(said, said.contains("suspended_beside=0"));
    }

    private static Path jar() throws IOException {
        try (Stream<Path> all = Files.list(Script.root().resolve("itests/swap/target"))) {
            return all.filter(p -> p.toString().endsWith("-SNAPSHOT.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("itests/swap is not built"));
        }
    }
}
