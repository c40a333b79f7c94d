// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end. */
final class Sh {

    /** What a command left behind; 124 as status means that it was ended for taking too long. */
    record Done(int status, String out) {
        boolean ok() {
            return status == 0;
        }
    }

    private Sh() {}

    /** Fails, with what the command said, unless its status is 0. */
    static String must(String stdin, String... command) {
        Done done = run(Duration.ofSeconds(30), stdin, List.of(command));
        if (!done.ok()) {
            throw new LabException(
                    String.join(" ", command)
                            + " failed ("
                            + done.status
                            + "): "
                            + done.out.strip());
        }
        return done.out;
    }

    /** Standard output and error together. */
    static Done run(Duration limit, String stdin, List<String> command) {
        Process process = null;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            Process running = process;
            Thread watch = new Thread(() -> watch(running, limit), "limit");
            watch.setDaemon(true);
            watch.start();
            try (OutputStream to = process.getOutputStream()) {
                to.write(stdin.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading all: its status and words say why.
            }
            byte[] out = process.getInputStream().readAllBytes();
            int status = process.waitFor();
            watch.interrupt();
            return new Done(
                    status == 128 + Libc.SIGKILL ? 124 : status,
                    new String(out, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new Done(127, e.getMessage());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new LabException("interrupted in " + String.join(" ", command));
        }
    }

    private static void watch(Process process, Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            // it ended in time
        }
    }

    /** The command, run in that namespace. */
    static String[] in(NetNs ns, String... command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + ns.file(), "--"));
        all.addAll(Arrays.asList(command));
        return all.toArray(String[]::new);
    }
}
