// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import com.sun.jna.LastErrorException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A node of the port mapping check: its process, what it says, and what its router has. */
final class PortmapNode {
    static final int PORT = 4001;
    private static final int SIGTERM = 15;

    final String host;
    private final Lab lab;
    private final Nodes nodes;
    private Process process;
    private long started;
    private String peer = "";

    PortmapNode(Lab lab, Nodes nodes, String host) {
        this.lab = lab;
        this.nodes = nodes;
        this.host = host;
    }

    /** Starts it with plain Felix, joined to the broker. */
    void start(List<String> settings) {
        List<String> options = options(settings);
        Path ready = ready();
        deleted(ready);
        started = System.nanoTime();
        process = nodes.start(host, options);
    }

    /** Starts it with Karaf. */
    void startKaraf(List<String> settings) {
        Path dist = lab.folder().resolve("dist");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                dist.resolve("bin/karst").toString(),
                                "run",
                                "--base",
                                base().toString()));
        command.addAll(options(settings));
        started = System.nanoTime();
        process = lab.start(host, "node-" + host, command.toArray(String[]::new));
    }

    private List<String> options(List<String> settings) {
        List<String> options = new ArrayList<>(nodes.join());
        for (String s : settings) {
            options.addAll(List.of("--set", "dev.karst.core:" + s));
        }
        return options;
    }

    private Path base() {
        return lab.folder().resolve("nodes").resolve(host);
    }

    private Path ready() {
        return base().resolve("data/run/ready");
    }

    private static void deleted(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (java.io.IOException e) {
            throw new LabException("cannot delete " + file, e);
        }
    }

    String await() {
        peer = nodes.await(process, host).peer();
        return peer;
    }

    String peer() {
        return peer;
    }

    /** When a node was usable from outside, both in ms. */
    record Usable(long afterStart, long afterReady) {
        @Override
        public String toString() {
            return afterStart + " ms after start, " + afterReady + " ms after READY";
        }
    }

    /** Waits for READY and for the first connection from outside. */
    Usable usable(InetSocketAddress at) {
        long ready = 0;
        long reached = 0;
        long until = System.nanoTime() + 60_000_000_000L;
        while (ready == 0 || reached == 0) {
            if (System.nanoTime() > until || !process.isAlive()) {
                throw new LabException(
                        (ready == 0 ? "no READY" : "READY")
                                + (reached == 0 ? ", but not reached at " + at : ""));
            }
            if (ready == 0 && Files.exists(ready())) {
                ready = System.nanoTime();
            }
            if (reached == 0 && reaches(lab, at, 20)) {
                reached = System.nanoTime();
            }
        }
        await();
        return new Usable((reached - started) / 1_000_000, (reached - ready) / 1_000_000);
    }

    /** Whether the servers get through to there, within so many ms. */
    static boolean reaches(Lab lab, InetSocketAddress at, int patienceMs) {
        boolean six = at.getAddress().getAddress().length == 16;
        try {
            return lab.ns("s")
                    .call(
                            () ->
                                    Tcp.connects(six ? Plan.SERVER_6 : Plan.SERVER, at, patienceMs)
                                            == Tcp.Outcome.OPEN);
        } catch (Exception e) {
            throw new LabException("cannot connect to " + at + ": " + e, e);
        }
    }

    Sh.Done exec(String command) {
        return nodes.exec(host, command);
    }

    /** Fails with what it said unless the command worked. */
    String must(String command) {
        Sh.Done done = exec(command);
        if (!done.ok()) {
            throw new LabException(host + " " + command + ": " + done.out().strip());
        }
        return done.out();
    }

    List<PortRow> ports() {
        return PortRow.parse(must("karst:ports"));
    }

    /** The row of the TCP listener. */
    Optional<PortRow> tcp(boolean six) {
        return ports().stream()
                .filter(r -> r.protocol().equals("tcp") && r.six() == six)
                .findFirst();
    }

    /** What its router must have for it, and nothing else. */
    TreeSet<String> wanted() {
        TreeSet<String> out = new TreeSet<>();
        for (PortRow r : ports()) {
            if (r.external().isPresent()) {
                out.add(r.onRouter());
            }
        }
        return out;
    }

    /** As an operator stops it. */
    void stop() {
        try {
            Libc.kill((int) process.pid(), SIGTERM);
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new LabException(host + " does not stop");
            }
        } catch (LastErrorException e) {
            throw new LabException(host + " has gone already", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted");
        }
    }

    /** {@code kill -9}. */
    void kill() {
        nodes.kill(process);
        await("gone", 5, () -> !process.isAlive());
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    /** How long it took, in ms. */
    static long await(String what, int seconds, Condition condition) {
        long start = System.nanoTime();
        try {
            while (!condition.holds()) {
                if (System.nanoTime() - start > seconds * 1_000_000_000L) {
                    throw new LabException("not within " + seconds + " s: " + what);
                }
                LockSupport.parkNanos(20_000_000);
            }
        } catch (LabException e) {
            throw e;
        } catch (Exception e) {
            throw new LabException(what + ": " + e, e);
        }
        return (System.nanoTime() - start) / 1_000_000;
    }
}
