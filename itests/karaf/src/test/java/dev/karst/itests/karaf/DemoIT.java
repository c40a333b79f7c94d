// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The first thing that a newcomer runs, with the small nodes; it was built a moment ago. */
public class DemoIT {
    private static final long LIMIT_SECONDS = 180;

    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void theDemoEndsWithOk() throws IOException, InterruptedException {
        String said =
                Script.run(
                        folder.getRoot().toPath(),
                        LIMIT_SECONDS,
                        Map.of(),
                        "distribution/karst",
                        "demo",
                        "--lite");
        assertTrue(said, said.contains("DEMO OK"));
    }
}
