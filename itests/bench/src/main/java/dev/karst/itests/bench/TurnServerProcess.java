// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A TURN server in a process of its own, user {@code u}, password {@code p}. */
final class TurnServerProcess implements AutoCloseable {
    private static final double TICKS = 100; // USER_HZ, fixed on Linux

    private final Process process;
    private final InetSocketAddress address;
    private final boolean java;
    private final Path dir;

    private TurnServerProcess(List<String> command, int port, boolean java) throws IOException {
        dir = Files.createTempDirectory("karst-turn-bench");
        List<String> all = new ArrayList<>(command);
        if (!java) {
            all.addAll(List.of("--pidfile", dir.resolve("pid").toString()));
        }
        process =
                new ProcessBuilder(all)
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(dir.resolve("log").toFile())
                        .start();
        address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
        this.java = java;
        try {
            awaitAnswer();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    static TurnServerProcess coturn() throws IOException {
        int port = free();
        return new TurnServerProcess(
                List.of(
                        "/usr/bin/turnserver",
                        "-n",
                        "-L",
                        "127.0.0.1",
                        "-E",
                        "127.0.0.1",
                        "-p",
                        "" + port,
                        "--no-tls",
                        "--no-dtls",
                        "--no-cli",
                        "--allow-loopback-peers",
                        "-a",
                        "-f",
                        "-u",
                        "u:p",
                        "-r",
                        "lab.test",
                        "-m",
                        "1",
                        "--no-rfc5780",
                        "--min-port=20000",
                        "--max-port=60000"),
                port,
                false);
    }

    static TurnServerProcess ours() throws IOException {
        int port = free();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new TurnServerProcess(
                List.of(
                        java,
                        "-XX:+UseSerialGC", // as the lite distribution runs
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.karst.server.turn.Main",
                        "" + port,
                        "-1",
                        "127.0.0.1",
                        "users=u:p",
                        "realm=lab.test",
                        "allowPeers=127.0.0.0/8",
                        "relayPorts=20000-60000",
                        "refusals=1000000",
                        "userAllocations=4000"),
                port,
                true);
    }

    private static int free() throws IOException {
        try (DatagramSocket s = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            return s.getLocalPort();
        }
    }

    private void awaitAnswer() throws IOException {
        for (int i = 0; i < 100; i++) {
            try {
                new TurnLoad(address, 1).close();
                return;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    break;
                }
            }
        }
        throw new IOException("it does not start: " + Files.readString(dir.resolve("log")));
    }

    InetSocketAddress address() {
        return address;
    }

    /** Processor time so far, all threads, user and system. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    double residentKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    /** After a collection; 0 of what is no JVM. */
    double liveHeapKib() throws IOException {
        if (!java) {
            return 0;
        }
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return 0;
        }
        Process p =
                new ProcessBuilder(jcmd.toString(), "" + process.pid(), "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String last = "";
        try (BufferedReader in = p.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                last = line.startsWith("Total") ? line : last;
            }
        }
        String[] fields = last.trim().split("\\s+");
        return fields.length < 3 ? 0 : Double.parseDouble(fields[2]) / 1024;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        for (String name : List.of("log", "pid")) {
            dir.resolve(name).toFile().delete();
        }
        dir.toFile().delete();
    }
}
