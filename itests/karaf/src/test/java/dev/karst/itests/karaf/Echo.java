// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;

/** A service that sends back what it gets, and a client that compares. */
final class Echo implements AutoCloseable {
    private static final int BLOCK = 16 * 1024;
    private final ServerSocket server;
    private volatile boolean enough;
    private volatile long done;
    private volatile String wrong = "";
    private Thread client;

    Echo() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        daemon("itest-echo", this::serve);
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket s = server.accept()) {
                s.getInputStream().transferTo(s.getOutputStream());
            } catch (IOException e) {
                continue; // the other side went, or we
            }
        }
    }

    /** Begins to send through that port, block by block. */
    void through(int port) {
        client = daemon("itest-echo-client", () -> send(port));
    }

    private void send(int port) {
        try (Socket s = new Socket(InetAddress.getLoopbackAddress(), port)) {
            s.setSoTimeout(30_000);
            DataInputStream in = new DataInputStream(s.getInputStream());
            byte[] block = new byte[BLOCK];
            byte[] back = new byte[BLOCK];
            Random random = new Random(23);
            while (!enough) {
                random.nextBytes(block);
                s.getOutputStream().write(block);
                in.readFully(back);
                if (!Arrays.equals(block, back)) {
                    wrong = "other bytes came back after " + done;
                    return;
                }
                done += BLOCK;
            }
        } catch (IOException e) {
            wrong = e + " after " + done;
        }
    }

    private static Thread daemon(String name, Runnable run) {
        Thread t = new Thread(run, name);
        t.setDaemon(true);
        t.start();
        return t;
    }

    /** How much came back so far, all of it equal. */
    long checked() {
        if (!wrong.isEmpty()) {
            throw new AssertionError(wrong);
        }
        return done;
    }

    /** Ends it after one more block. */
    long end() throws InterruptedException {
        enough = true;
        client.join(30_000);
        return checked();
    }

    @Override
    public void close() throws IOException {
        enough = true;
        server.close();
    }
}
