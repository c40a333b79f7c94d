// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.Executors;

/**
 * The two ends of {@code karst demo}, plain HTTP that knows nothing of Karst: {@code serve FILE}
 * prints its port; {@code fetch URL…} prints a line of numbers for each; {@code follow URL SHA-256
 * END} reads the file again and again over one connection ({@code /loop}) until a file END exists,
 * and prints each pause and each round.
 */
public final class DemoTransfer {

    private static final int BUFFER = 64 * 1024;
    private static final String SIZE = "X-Demo-File-Size";
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final long PAUSE_NANOS = 20_000_000;

    private DemoTransfer() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 2 && args[0].equals("serve")) {
            System.out.println(serve(Path.of(args[1])));
        } else if (args.length >= 2 && args[0].equals("fetch")) {
            for (int i = 1; i < args.length; i++) {
                System.out.println(fetch(URI.create(args[i])));
            }
        } else if (args.length == 4 && args[0].equals("follow")) {
            follow(URI.create(args[1]), args[2], Path.of(args[3]));
        } else {
            System.err.println("usage: serve FILE | fetch URL... | follow URL SHA-256 END");
            System.exit(2);
        }
    }

    private static int serve(Path file) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.sendResponseHeaders(200, Files.size(file));
                        Files.copy(file, exchange.getResponseBody());
                    }
                });
        server.createContext("/loop", exchange -> loop(exchange, file));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        return server.getAddress().getPort();
    }

    private static void loop(HttpExchange exchange, Path file) {
        try (exchange) {
            exchange.getResponseHeaders().set(SIZE, Long.toString(Files.size(file)));
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                Files.copy(file, exchange.getResponseBody());
            }
        } catch (IOException e) {
            // the reader has enough
        }
    }

    /** Prints {@code pause END_EPOCH_MS MS} and {@code round ok|WRONG MIB_PER_S}. */
    private static void follow(URI uri, String sha256, Path end) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = connection.getInputStream()) {
            long size = connection.getHeaderFieldLong(SIZE, 0);
            long last = System.nanoTime();
            while (!Files.exists(end)) {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                long start = last;
                for (long left = size; left > 0; ) {
                    int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                    if (n < 0) {
                        throw new EOFException("the connection ended within the file");
                    }
                    long now = System.nanoTime();
                    if (now - last > PAUSE_NANOS) {
                        long millis = (now - last) / 1_000_000;
                        System.out.println("pause " + System.currentTimeMillis() + " " + millis);
                    }
                    last = now;
                    digest.update(buffer, 0, n);
                    left -= n;
                }
                boolean ok = sha256.equals(HexFormat.of().formatHex(digest.digest()));
                double rate = size / 1048576.0 / ((last - start) / 1e9);
                System.out.printf(Locale.ROOT, "round %s %.1f%n", ok ? "ok" : "WRONG", rate);
            }
        }
    }

    private static String fetch(URI uri) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        long start = System.nanoTime();
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        long firstByte = 0;
        try (InputStream in = connection.getInputStream()) {
            for (int n; (n = in.read(buffer)) >= 0; bytes += n) {
                if (firstByte == 0) {
                    firstByte = System.nanoTime();
                }
                sha256.update(buffer, 0, n);
            }
        }
        long end = System.nanoTime();
        return String.format(
                Locale.ROOT,
                "bytes=%d ttfb_ms=%.1f mib_per_s=%.1f sha256=%s",
                bytes,
                (firstByte - start) / 1e6,
                bytes / 1048576.0 / ((end - start) / 1e9),
                HexFormat.of().formatHex(sha256.digest()));
    }
}
