// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** An instance that the launcher starts, as an operator has it. */
final class Launched implements AutoCloseable {
    private static final long LIMIT_SECONDS = 120;
    private static final Path KARST =
            Path.of(System.getProperty("karst.root"), "distribution", "karst");

    private final Path base;
    private Process process;

    /** What a command printed, and whether it worked. */
    record Said(int status, String text) {}

    Launched(Path base) {
        this.base = base;
    }

    /**
     * Starts it, and waits until a line matches.
     *
     * @return the pattern's first group
     */
    String start(String line, String... command) throws Exception {
        Files.createDirectories(base);
        Path out = base.resolveSibling(base.getFileName() + ".out");
        List<String> all = new ArrayList<>(List.of(KARST.toString(), command[0]));
        all.addAll(List.of("--base", base.toString()));
        all.addAll(List.of(command).subList(1, command.length));
        process =
                new ProcessBuilder(all)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .start();
        Pattern wanted = Pattern.compile("(?m)^" + line);
        List<String> found = new ArrayList<>();
        Until.holds(
                line + " in " + out,
                LIMIT_SECONDS,
                () -> {
                    String said = Files.readString(out, StandardCharsets.UTF_8);
                    wanted.matcher(said).results().forEach(m -> found.add(m.group(1)));
                    assertTrue(said, process.isAlive() || !found.isEmpty());
                    return !found.isEmpty();
                });
        return found.get(0);
    }

    Said exec(String command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(base.getParent(), "exec", ".out");
        int status = begin(command, out).waitFor();
        return new Said(status, Files.readString(out, StandardCharsets.UTF_8));
    }

    /** A command that goes on. */
    Process begin(String command, Path out) throws IOException {
        return new ProcessBuilder(KARST.toString(), "exec", "--base", base.toString(), command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .start();
    }

    void stop() throws IOException, InterruptedException {
        new ProcessBuilder(KARST.toString(), "stop", "--base", base.toString())
                .inheritIO()
                .start()
                .waitFor(30, TimeUnit.SECONDS);
        process.waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (process != null) {
            stop();
        }
    }
}
