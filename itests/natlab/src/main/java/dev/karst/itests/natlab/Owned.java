// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The processes of a lab: what was started for it and what those started. All carry the lab's name
 * in their environment, so none is missed after a crash of the creator and no foreign process is
 * hit after a pid came round again.
 */
final class Owned {

    static final String TAG = "KARST_NATLAB_LAB";

    private Owned() {}

    static List<Integer> of(String lab) {
        List<Integer> pids = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.toList()) {
                String pid = process.getFileName().toString();
                if (pid.matches("\\d+") && tagged(process, lab)) {
                    pids.add(Integer.valueOf(pid));
                }
            }
        } catch (IOException e) {
            throw new LabException("cannot read /proc: " + e.getMessage(), e);
        }
        pids.remove(Integer.valueOf((int) ProcessHandle.current().pid()));
        return pids;
    }

    private static boolean tagged(Path process, String lab) {
        try {
            String environment =
                    Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + environment).contains("\0" + TAG + "=" + lab + "\0");
        } catch (IOException e) {
            return false; // gone, or a thread of the kernel
        }
    }

    /** Ends them at once, again until none is left. */
    static int end(String lab) {
        int ended = 0;
        long until = System.nanoTime() + 5_000_000_000L;
        for (List<Integer> left = of(lab); !left.isEmpty(); left = of(lab)) {
            if (System.nanoTime() > until) {
                throw new LabException("processes " + left + " of lab " + lab + " do not end");
            }
            for (int pid : left) {
                try {
                    Libc.kill(pid, Libc.SIGKILL);
                    ended++;
                } catch (LastErrorException e) {
                    if (e.getErrorCode() != Libc.ESRCH) {
                        throw e;
                    }
                }
            }
            LockSupport.parkNanos(5_000_000);
        }
        return ended;
    }
}
