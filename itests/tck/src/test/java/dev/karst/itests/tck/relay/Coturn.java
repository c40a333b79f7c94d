// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's coturn as a relay on 127.0.0.1. */
final class Coturn implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/turnserver");

    final int port;
    final int tlsPort;
    private final Process process;
    private final Path log;

    /** Why it cannot run; empty if it can. */
    static String missing() {
        return Files.isExecutable(PROGRAM) ? "" : PROGRAM + " is missing: install coturn";
    }

    Coturn(Path dir, TestKey key) throws Exception {
        port = free();
        tlsPort = free();
        log = dir.resolve("coturn.log");
        List<String> command =
                List.of(
                        PROGRAM.toString(),
                        "-n",
                        "-L",
                        "127.0.0.1",
                        "-p",
                        "" + port,
                        "--tls-listening-port",
                        "" + tlsPort,
                        "--cert",
                        key.certificate().toString(),
                        "--pkey",
                        key.key().toString(),
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
                        "--pidfile",
                        dir.resolve("pid").toString(),
                        "--log-file",
                        "stdout",
                        "--min-port=50000",
                        "--max-port=51000");
        process =
                new ProcessBuilder(command)
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        await().atMost(Duration.ofSeconds(10)).until(() -> listens(port) && listens(tlsPort));
    }

    private static int free() throws Exception {
        try (ServerSocket s = new ServerSocket(0)) {
            return s.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket s = new Socket("127.0.0.1", port)) {
            return s.isConnected();
        } catch (Exception e) {
            return false;
        }
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
    }
}
