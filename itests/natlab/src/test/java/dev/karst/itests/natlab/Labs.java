// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * What tests with real labs share. Labs of tests have a prefix and, for builds side by side, a
 * number of their own.
 */
final class Labs {

    static final String PREFIX = "kt";

    private Labs() {}

    static String name(String what) {
        return what + Long.toString(ProcessHandle.current().pid(), 36);
    }

    /** Skips, with the reason, where there can be no lab; fails where there has to be one. */
    static void needed() {
        Optional<String> missing = Need.missing();
        if (missing.isPresent() && Need.required()) {
            fail("KARST_NATLAB=required, but " + missing.get());
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no NAT laboratory: " + missing.get());
    }

    /**
     * Names of the lab that are left anywhere: namespaces, processes, files; and devices of the
     * root namespace.
     */
    static List<String> left(String name, TreeSet<String> devicesBefore) throws IOException {
        String tag = PREFIX + "-" + name;
        List<String> left = new ArrayList<>();
        Sh.must("", "ip", "netns", "list")
                .lines()
                .filter(l -> l.startsWith(tag + "-"))
                .forEach(left::add);
        Owned.of(tag).forEach(pid -> left.add("process " + pid));
        if (Files.exists(Lab.folder(PREFIX, name))) {
            left.add(Lab.folder(PREFIX, name).toString());
        }
        devices().stream().filter(d -> !devicesBefore.contains(d)).forEach(left::add);
        return left;
    }

    static TreeSet<String> devices() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            return new TreeSet<>(all.map(p -> p.getFileName().toString()).toList());
        }
    }

    /** The pids that the lab wrote down. */
    static List<Integer> recorded(Lab lab) throws IOException {
        return Files.readAllLines(lab.folder().resolve("pids")).stream()
                .map(Integer::valueOf)
                .toList();
    }

    static boolean runs(int pid) {
        return Files.exists(Path.of("/proc/" + pid));
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(String what, int seconds, Condition condition) throws Exception {
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        while (!condition.holds()) {
            if (System.nanoTime() > until) {
                fail("not within " + seconds + " s: " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
