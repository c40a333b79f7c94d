// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Stands between a client and a node on this machine and keeps the path frames of both. */
final class Tap implements AutoCloseable {
    /** Kinds of path frames (docs/wire.md). */
    static final byte INIT = 1;

    static final byte REPLY = 2;
    static final byte FINISH = 3;
    static final byte REFUSE = 4;
    static final byte RECORD = 5;

    private final ServerSocket front = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final List<byte[]> fromClient = new ArrayList<>();
    private final List<byte[]> fromServer = new ArrayList<>();
    private final int port;
    private final boolean spoil;

    /**
     * @param spoil alters the first INIT on its way, so that its receiver cannot open it and both
     *     sides go on with pattern XX, the one with FINISH
     */
    Tap(int port, boolean spoil) throws IOException {
        this.port = port;
        this.spoil = spoil;
        daemon(this::connect);
    }

    Endpoint endpoint() {
        return Endpoint.of("tcp", "127.0.0.1", front.getLocalPort());
    }

    private static void daemon(Runnable task) {
        Thread t = new Thread(task, "tap");
        t.setDaemon(true);
        t.start();
    }

    private void connect() {
        try (Socket client = front.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            daemon(() -> pump(server, client, fromServer, false));
            pump(client, server, fromClient, spoil);
        } catch (IOException e) {
            return; // the test is over
        }
    }

    private static void pump(Socket from, Socket to, List<byte[]> frames, boolean spoilFirst) {
        try {
            DataInputStream in = new DataInputStream(from.getInputStream());
            for (boolean spoil = spoilFirst; ; spoil = false) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                if (spoil) {
                    frame[frame.length - 1] ^= 1;
                }
                synchronized (frames) {
                    frames.add(frame);
                }
                to.getOutputStream().write(framed(List.of(frame)));
            }
        } catch (IOException e) {
            return; // the test is over
        }
    }

    /** As they go over the wire. */
    static byte[] framed(List<byte[]> frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (byte[] f : frames) {
            out.writeInt(f.length);
            out.write(f);
        }
        return bytes.toByteArray();
    }

    /** All that the client sent until now. */
    List<byte[]> fromClient() {
        return copy(fromClient);
    }

    private static List<byte[]> copy(List<byte[]> frames) {
        synchronized (frames) {
            return List.copyOf(frames);
        }
    }

    /** The frame of this kind that counted: the last INIT, the first of others; null before. */
    byte[] frame(byte kind) {
        byte[] found = null;
        for (byte[] f : copy(kind == REPLY ? fromServer : fromClient)) {
            if (f[0] == kind && (found == null || kind == INIT)) {
                found = f;
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        front.close();
    }
}
