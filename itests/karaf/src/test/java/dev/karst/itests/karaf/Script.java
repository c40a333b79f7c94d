// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A script of the project, run from its beginning to its end as a user does. */
final class Script {
    /** It stops what it started when it is ended. */
    private static final long ENDING_SECONDS = 30;

    private Script() {}

    static Path root() {
        return Path.of(System.getProperty("karst.root"));
    }

    /**
     * What it printed.
     *
     * @param folder where it keeps its files
     * @throws AssertionError with what it printed, if it fails or does not end in time
     */
    static String run(Path folder, long seconds, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "script", ".out");
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.set(0, root().resolve(command[0]).toString());
        ProcessBuilder script = new ProcessBuilder(all);
        script.redirectErrorStream(true).redirectOutput(out.toFile());
        script.environment().put("TMPDIR", folder.toString());
        script.environment().putAll(environment);
        Process p = script.start();
        p.getOutputStream().close();
        boolean ended = p.waitFor(seconds, TimeUnit.SECONDS);
        if (!ended) {
            p.destroy();
            p.waitFor(ENDING_SECONDS, TimeUnit.SECONDS);
        }
        String said = Files.readString(out, StandardCharsets.UTF_8);
        assertTrue("no end after " + seconds + " s: " + said, ended);
        assertEquals(said, 0, p.exitValue());
        return said;
    }
}
