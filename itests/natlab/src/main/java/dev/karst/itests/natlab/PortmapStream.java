// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** A conversation through a tunnel that must not break: every byte comes back. */
final class PortmapStream implements AutoCloseable {
    private static final int SIZE = 16 * 1024;

    private final ServerSocket echo;
    private final Socket client;
    private final CompletableFuture<Long> result;
    private volatile boolean over;
    private volatile long longestMs;
    private volatile long bytes;

    private PortmapStream(ServerSocket echo, Socket client, NetNs at) {
        this.echo = echo;
        this.client = client;
        this.result = at.start(this::talk);
    }

    /** Echoes what comes to that port of the host. */
    static ServerSocket echo(NetNs at, int port) throws Exception {
        ServerSocket server =
                at.call(() -> new ServerSocket(port, 8, InetAddress.getLoopbackAddress()));
        at.start(
                () -> {
                    try (Socket one = server.accept()) {
                        one.getInputStream().transferTo(one.getOutputStream());
                    }
                    return null;
                });
        return server;
    }

    /** Talks to that port of the host, where the tunnel begins. */
    static PortmapStream start(ServerSocket echo, NetNs at, int port) throws Exception {
        Socket client = at.call(() -> new Socket(InetAddress.getLoopbackAddress(), port));
        client.setSoTimeout(20_000);
        return new PortmapStream(echo, client, at);
    }

    private long talk() throws IOException {
        Random random = new Random(1);
        byte[] out = new byte[SIZE];
        byte[] in = new byte[SIZE];
        OutputStream to = client.getOutputStream();
        DataInputStream from = new DataInputStream(client.getInputStream());
        while (!over) {
            random.nextBytes(out);
            long begin = System.nanoTime();
            to.write(out);
            from.readFully(in);
            if (!Arrays.equals(out, in)) {
                throw new IOException("what came back is not what was sent");
            }
            longestMs = Math.max(longestMs, (System.nanoTime() - begin) / 1_000_000);
            bytes += SIZE;
            LockSupport.parkNanos(5_000_000);
        }
        return bytes;
    }

    long bytes() {
        return bytes;
    }

    /** Fails if it broke; says how it went. */
    String end() throws Exception {
        over = true;
        long all = result.get();
        return (all >> 10) + " KiB each way, longest pause " + longestMs + " ms";
    }

    @Override
    public void close() throws IOException {
        over = true;
        client.close();
        echo.close();
    }
}
