// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Threads and open files of this process, by groups whose names do not change from run to run. */
record Footprint(Map<String, Integer> threads, Map<String, Integer> files, Set<String> sockets) {

    /** The core's pool, as large as it may be: busy or not by where a path's data is handled. */
    private static final Pattern OWN = Pattern.compile("karst-core-[0-9]+|Attach Listener");

    static Footprint now() throws IOException {
        Map<String, Integer> threads = new TreeMap<>();
        Thread.getAllStackTraces()
                .forEach(
                        (t, stack) -> {
                            if (!idle(stack) && !OWN.matcher(t.getName()).matches()) {
                                threads.merge(
                                        t.getName().replaceAll("[0-9]+", "N"), 1, Integer::sum);
                            }
                        });
        Map<String, Integer> files = new TreeMap<>();
        Set<String> sockets = new TreeSet<>();
        List<Path> open;
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            open = all.toList();
        }
        for (Path p : open) {
            String to;
            try {
                to = Files.readSymbolicLink(p).toString();
            } catch (IOException e) {
                continue; // closed meanwhile, such as that of the listing itself
            }
            if (to.startsWith("socket:")) {
                sockets.add(to);
            }
            files.merge(group(to), 1, Integer::sum);
        }
        return new Footprint(threads, files, sockets);
    }

    /** Threads of a pool that have no work come and go with the load. */
    private static boolean idle(StackTraceElement[] stack) {
        for (StackTraceElement e : stack) {
            if (e.getClassName().equals("java.util.concurrent.ThreadPoolExecutor")) {
                return e.getMethodName().equals("getTask");
            }
        }
        return false;
    }

    private static String group(String to) {
        int colon = to.indexOf(':');
        if (colon > 0 && !to.startsWith("/")) {
            return to.startsWith("anon_inode") ? to : to.substring(0, colon);
        }
        if (to.startsWith("/proc/")) {
            return "proc";
        }
        // Jars move from one bundle's cache to the next one's.
        return to.endsWith(".jar") ? "jar" : "file " + Path.of(to).getFileName();
    }

    /**
     * What is more than there was, in words; empty when nothing is.
     *
     * @param sockets how many more there may be, since a path may have come to use another kind
     */
    List<String> moreThan(Footprint before, int sockets) throws IOException {
        List<String> out = new ArrayList<>();
        more(out, "threads ", before.threads, threads);
        Map<String, Integer> allowed = new TreeMap<>(before.files);
        allowed.merge("socket", sockets, Integer::sum);
        more(out, "", allowed, files);
        if (out.stream().anyMatch(w -> w.startsWith("socket"))) {
            Set<String> fresh = new TreeSet<>(this.sockets);
            fresh.removeAll(before.sockets);
            fresh.forEach(f -> out.add(where(f)));
        }
        return out;
    }

    /** What the kernel's tables say of a socket. */
    private static String where(String socket) {
        String inode = socket.replaceAll("[^0-9]", "");
        for (String table : new String[] {"tcp", "tcp6", "udp", "udp6"}) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
                    String[] c = line.trim().split("\\s+");
                    if (c.length > 9 && c[9].equals(inode)) {
                        return table + " " + port(c[1]) + "-" + port(c[2]) + " state " + c[3];
                    }
                }
            } catch (IOException e) {
                return socket;
            }
        }
        return socket;
    }

    private static String port(String hex) {
        return "" + HexFormat.fromHexDigits(hex.substring(hex.indexOf(':') + 1));
    }

    private static void more(
            List<String> out, String what, Map<String, Integer> before, Map<String, Integer> now) {
        now.forEach(
                (group, n) -> {
                    int was = before.getOrDefault(group, 0);
                    if (n > was) {
                        out.add(what + group + " " + was + "→" + n);
                    }
                });
    }
}
