// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the lab asks of the machine. */
public final class Need {

    /** The tools of a lab, and the Debian packages that bring them. */
    private static final List<String[]> TOOLS =
            List.of(
                    new String[] {"ip", "iproute2"},
                    new String[] {"nft", "nftables"},
                    new String[] {"conntrack", "conntrack"},
                    new String[] {"nsenter", "util-linux"},
                    new String[] {"setsid", "util-linux"});

    private Need() {}

    /** Why there can be no lab here; empty if there can. */
    public static Optional<String> missing() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("network namespaces are a thing of Linux");
        }
        if (!root()) {
            return Optional.of("the lab makes network namespaces and needs root");
        }
        for (String[] tool : TOOLS) {
            if (!onPath(tool[0])) {
                return Optional.of(tool[0] + " is not there (apt-get install " + tool[1] + ")");
            }
        }
        String script =
                "n=karst-need-$$; ip netns add $n || exit; ip netns exec $n nft -f -; s=$?; ip netns del $n; exit $s";
        String rules =
                "add table ip t\nadd chain ip t post { type nat hook postrouting priority srcnat; }\n"
                        + "add rule ip t post masquerade\n";
        Sh.Done done = Sh.run(Duration.ofSeconds(10), rules, List.of("sh", "-c", script));
        return done.ok()
                ? Optional.empty()
                : Optional.of("no network namespaces with nftables here: " + done.out().strip());
    }

    /** Without the native library, which not every user may be able to load. */
    static boolean root() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether a missing piece is a failure and not a reason to skip: CI says so when it is root.
     */
    public static boolean required() {
        return "required".equals(System.getenv("KARST_NATLAB"));
    }

    static boolean tun() {
        return Files.exists(Path.of("/dev/net/tun"));
    }

    static boolean onPath(String tool) {
        String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        return Stream.of(path.split(File.pathSeparator))
                .anyMatch(p -> Files.isExecutable(Path.of(p, tool)));
    }
}
