// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Commands for a node by its exec socket, without a process for each: a check that asks a hundred
 * times on two processors must not disturb what it measures.
 */
final class KarstShell {
    private static final long PATIENCE = 15_000_000_000L;

    private final Path socket;

    /**
     * @param base of the node
     */
    KarstShell(Path base) {
        this.socket = base.resolve("data/run/exec.sock");
    }

    /** What a command said, and whether it worked. */
    record Said(boolean ok, String out) {}

    /** A node is ready a moment before all its commands are there. */
    Said run(String line) {
        long until = System.nanoTime() + PATIENCE;
        while (true) {
            StringBuilder out = new StringBuilder();
            Said said;
            try {
                said = new Said(talk(line, s -> out.append(s).append('\n')) == 0, out.toString());
            } catch (IOException e) {
                said = new Said(false, out + "no answer: " + e.getMessage());
            }
            boolean early =
                    said.out.contains("Command not found") || said.out.contains("no answer");
            if (said.ok || !early || System.nanoTime() > until) {
                return said;
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** Fails with what it said unless it worked. */
    String must(String line) {
        Said said = run(line);
        if (!said.ok) {
            throw new LabException(line + ": " + said.out.strip());
        }
        return said.out;
    }

    /** Runs a command on a thread of its own until it ends, or is closed; each line is told. */
    Listening listen(String line, Consumer<String> lines) throws IOException {
        SocketChannel channel = open(line);
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                read(channel, lines);
                            } catch (IOException e) {
                                // closed, or the node ended
                            }
                        },
                        "karst-shell");
        thread.setDaemon(true);
        thread.start();
        return channel::close;
    }

    /** A command that runs. */
    interface Listening extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    private SocketChannel open(String line) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private int talk(String line, Consumer<String> lines) throws IOException {
        try (SocketChannel channel = open(line)) {
            return read(channel, lines);
        }
    }

    /** The frames of {@code dev.karst.server.exec}: its README has them. */
    private static int read(SocketChannel channel, Consumer<String> lines) throws IOException {
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        StringBuilder rest = new StringBuilder();
        while (true) {
            int type = in.readUnsignedByte();
            if (type == 'X') {
                if (!rest.isEmpty()) {
                    lines.accept(rest.toString());
                }
                return in.readUnsignedByte();
            }
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            rest.append(new String(bytes, StandardCharsets.UTF_8));
            for (int end; (end = rest.indexOf("\n")) >= 0; ) {
                lines.accept(rest.substring(0, end));
                rest.delete(0, end + 1);
            }
        }
    }
}
