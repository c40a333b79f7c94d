// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The lab's one helper process, seen by its starter. It starts while the namespaces are made and
 * waits for them.
 */
final class Helper {

    private final Lab lab;
    private final Process process;

    private Helper(Lab lab, Process process) {
        this.lab = lab;
        this.process = process;
    }

    static Helper start(Lab lab, List<Site> helped) {
        if (!Need.tun()) {
            throw new LabException(
                    "/dev/net/tun is not there; without it no userspace router and no delay: "
                            + helped.get(0).text());
        }
        Process process =
                lab.start(
                        List.of(),
                        "box",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.karst.itests.natlab.Box",
                        lab.plan().prefix(),
                        lab.plan().name());
        return new Helper(lab, process);
    }

    static Path readyFile(Lab lab) {
        return lab.folder().resolve("box.ready");
    }

    void awaitReady() {
        long until = System.nanoTime() + 20_000_000_000L;
        while (!Files.exists(readyFile(lab))) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new LabException("the helper process did not get ready: " + said());
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    private String said() {
        try {
            return Files.readString(lab.log("box")).strip();
        } catch (IOException e) {
            return "(no log)";
        }
    }
}
