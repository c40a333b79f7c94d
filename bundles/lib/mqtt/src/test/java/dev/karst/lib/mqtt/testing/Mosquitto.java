// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.testing;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A mosquitto of our own: private directory, loopback, free ports; plain, with a password file, and
 * with a TLS listener beside it.
 */
public final class Mosquitto implements AutoCloseable {
    public static final String USER = "karst";
    public static final String PASSWORD = "limestone";

    private static final String SERVER = find("mosquitto");

    private final Path directory;
    private final int port = freePort();
    private final int tlsPort = freePort();
    private final String pin;
    private Process process;

    private Mosquitto(boolean passwords) throws Exception {
        directory = Files.createTempDirectory("karst-mosquitto");
        run(
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                        + " -subj /CN=broker.test -keyout key.pem -out cert.pem");
        List<String> config = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            config.add("user root"); // else it drops to a user who cannot read our directory
        }
        config.add("allow_anonymous " + !passwords);
        if (passwords) {
            run("mosquitto_passwd -b -c passwords " + USER + " " + PASSWORD);
            config.add("password_file " + directory.resolve("passwords"));
        }
        config.add("listener " + port + " 127.0.0.1");
        config.add("listener " + tlsPort + " 127.0.0.1");
        config.add("certfile " + directory.resolve("cert.pem"));
        config.add("keyfile " + directory.resolve("key.pem"));
        Files.write(directory.resolve("mosquitto.conf"), config);
        try (InputStream in = Files.newInputStream(directory.resolve("cert.pem"))) {
            byte[] der =
                    CertificateFactory.getInstance("X.509").generateCertificate(in).getEncoded();
            pin = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
        }
        start();
    }

    /**
     * Why there is no mosquitto here; empty where there is one. As root it could have been
     * installed, so that is an error instead of a reason to skip.
     */
    public static String missing() {
        if (!SERVER.isEmpty()) {
            return "";
        }
        String why = "mosquitto is not installed (package mosquitto)";
        if (System.getProperty("user.name").equals("root")) {
            throw new AssertionError(why);
        }
        System.err.println("skipped: " + why);
        return why;
    }

    /** A broker that asks nobody. */
    public static Mosquitto open() throws Exception {
        return new Mosquitto(false);
    }

    /** A broker that knows {@link #USER} and {@link #PASSWORD} only. */
    public static Mosquitto guarded() throws Exception {
        return new Mosquitto(true);
    }

    public String url() {
        return "mqtt://127.0.0.1:" + port;
    }

    public String tlsUrl() {
        return "mqtts://127.0.0.1:" + tlsPort;
    }

    /** SHA-256 of its certificate. */
    public String pin() {
        return pin;
    }

    public int port() {
        return port;
    }

    /** Starts it (again) on the same ports, having forgotten everything. */
    public void start() throws Exception {
        process =
                new ProcessBuilder(
                                SERVER, "-c", directory.resolve("mosquitto.conf").toString(), "-v")
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
                        .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!accepts(port) || !accepts(tlsPort)) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IOException("mosquitto did not start:\n" + log());
            }
            process.waitFor(10, TimeUnit.MILLISECONDS);
        }
    }

    /** Kills it without warning. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Holds it, connections and all, as a dead network would. */
    public void freeze() throws Exception {
        run("kill -STOP " + process.pid());
    }

    public void thaw() throws Exception {
        run("kill -CONT " + process.pid());
    }

    public String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    @Override
    public void close() throws Exception {
        kill();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private void run(String command) throws Exception {
        Process p =
                new ProcessBuilder(command.split(" "))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(p.getInputStream().readAllBytes());
        if (p.waitFor() != 0) {
            throw new IOException(command + ":\n" + output);
        }
    }

    private static boolean accepts(int port) {
        try (Socket s = new Socket()) {
            s.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket s = new ServerSocket(0)) {
            return s.getLocalPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/sbin";
        for (String dir : path.split(":")) {
            if (new File(dir, program).canExecute()) {
                return dir + "/" + program;
            }
        }
        return "";
    }
}
