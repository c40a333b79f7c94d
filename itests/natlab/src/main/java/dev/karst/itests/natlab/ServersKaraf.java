// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * `karst server` in Karaf, whose commands can update bundles, and whether its two servers listen:
 * looked up in the kernel, so that nobody is disturbed by being asked.
 */
final class ServersKaraf implements AutoCloseable {
    static final String MQTT = "dev.karst.server.mqtt";
    static final String TURN = "dev.karst.server.turn";

    private final Lab lab;
    private final Nodes nodes;
    private final KarstShell shell;
    private final Listening mqtt;
    private final Listening turn;
    private Process process;
    private int starts;
    private int round;
    private volatile boolean closed;

    /** Of one port: since when, and when it last did not. */
    static final class Listening {
        private final String hex;
        volatile long lastAway = System.nanoTime();
        volatile long awaySince;
        volatile boolean now;

        Listening(int port) {
            hex = String.format("%04X", port);
        }

        private void look(String tables, long at) {
            // Of TCP: local address, any remote address, and 0A for listening.
            boolean is = Pattern.compile(":" + hex + " [0-9A-F]+:0000 0A ").matcher(tables).find();
            if (!is) {
                awaySince = now || awaySince == 0 ? at : awaySince;
                lastAway = at;
            }
            now = is;
        }
    }

    ServersKaraf(Lab lab, Nodes nodes) throws Exception {
        this.lab = lab;
        this.nodes = nodes;
        this.shell = new KarstShell(nodes.base("s"));
        start();
        mqtt = new Listening(port());
        turn = new Listening(Nodes.STUN_PORT);
        lab.ns("s").start(this::watch);
    }

    /** Starts the process, with the settings and keys of before. */
    void start() {
        String label = "servers" + ++starts;
        process = nodes.servers(label, false);
        nodes.awaitServers(process, label);
    }

    private int port() throws IOException {
        String cfg = Files.readString(nodes.base("s").resolve("etc/" + MQTT + ".cfg"));
        Matcher m = Pattern.compile("(?m)^listen *= *.*:(\\d+)").matcher(cfg);
        if (!m.find()) {
            throw new LabException("where does the broker listen?\n" + cfg);
        }
        return Integer.parseInt(m.group(1));
    }

    private Void watch() throws IOException {
        Path here = Path.of("/proc/thread-self/net");
        while (!closed) {
            String tables =
                    Files.readString(here.resolve("tcp")) + Files.readString(here.resolve("tcp6"));
            long at = System.nanoTime();
            mqtt.look(tables, at);
            turn.look(tables, at);
            LockSupport.parkNanos(10_000_000);
        }
        return null;
    }

    Listening mqtt() {
        return mqtt;
    }

    Listening turn() {
        return turn;
    }

    void kill() {
        nodes.kill(process);
    }

    /** The same under the next version. */
    private String newer(String bundle) {
        return NewerBundle.of(
                PortmapCheck.bundle(lab, bundle), "0.1." + ++round + ".itest", lab.folder());
    }

    void update(String bundle) {
        shell.must("bundle:update " + bundle + " " + newer(bundle));
    }

    void uninstall(String bundle) {
        shell.must("bundle:uninstall " + id(bundle));
    }

    /** Installs the next version, beside the one that may be there, and starts it. */
    void install(String bundle) {
        shell.must("bundle:install -s " + newer(bundle));
    }

    /** The oldest of that name. */
    private String id(String bundle) {
        List<String> ids =
                shell.must("bundle:list -t 0 -s").lines().filter(l -> l.contains(bundle)).toList();
        if (ids.isEmpty()) {
            throw new LabException("the server has no " + bundle);
        }
        return ids.stream()
                .map(l -> Integer.valueOf(l.strip().split("\\D+", 2)[0]))
                .min(Integer::compare)
                .orElseThrow()
                .toString();
    }

    @Override
    public void close() {
        closed = true;
    }
}
