// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One client and its command, on two threads: one runs the command, the other reads, because that
 * is how a client that went away is noticed.
 */
final class Connection {
    private static final Logger LOG = System.getLogger(Connection.class.getName());
    private static final int LINE_SECONDS = 10;

    private final SocketChannel channel;
    private final Shell shell;
    private final Runnable stopAll;
    private final Runnable onEnd;
    private final CompletableFuture<String> line = new CompletableFuture<>();
    private final Thread runner;
    private final Thread reader;
    private boolean over;
    private boolean stop; // only the runner

    /**
     * @param stopAll ends the whole framework; returns at once
     * @param onEnd run when the command is over
     */
    Connection(int number, SocketChannel channel, Shell shell, Runnable stopAll, Runnable onEnd) {
        this.channel = channel;
        this.shell = shell;
        this.stopAll = stopAll;
        this.onEnd = onEnd;
        // Threads of their own, not pooled: shells leave ThreadLocals behind.
        this.runner = new Thread(this::run, "karst-exec-" + number);
        this.reader = new Thread(this::read, "karst-exec-" + number + "-in");
    }

    void start() {
        reader.start();
        runner.start();
    }

    /** Interrupts the command; nothing if it is the command that asks for it. */
    void interrupt() {
        if (Thread.currentThread() != runner) {
            clientLeft();
            close();
        }
    }

    /** Waits for both threads; returns whether they are over. */
    boolean join(long millis) throws InterruptedException {
        if (Thread.currentThread() == runner) {
            return true;
        }
        runner.join(Math.max(1, millis));
        reader.join(1_000);
        return !runner.isAlive() && !reader.isAlive();
    }

    private void read() {
        try {
            line.complete(readLine());
        } catch (IOException e) {
            line.completeExceptionally(e);
            return;
        }
        try {
            ByteBuffer ignored = ByteBuffer.allocate(1024);
            while (channel.read(ignored) >= 0) {
                ignored.clear();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "client left: {0}", e.getMessage());
        }
        clientLeft();
    }

    private synchronized void clientLeft() {
        if (!over) {
            runner.interrupt();
        }
    }

    /** From here on nobody interrupts the runner: what is left to do must not see it. */
    private synchronized void over() {
        over = true;
        Thread.interrupted();
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (true) {
            if (channel.read(buffer.clear()) < 0) {
                throw new IOException("the command line was cut off");
            }
            for (buffer.flip(); buffer.hasRemaining(); ) {
                byte b = buffer.get();
                if (b == '\n') {
                    return decode(bytes.toByteArray());
                }
                if (bytes.size() == Frames.MAX_LINE) {
                    throw new IOException(
                            "a command line is at most " + Frames.MAX_LINE + " bytes");
                }
                bytes.write(b);
            }
        }
    }

    private static String decode(byte[] utf8) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("the command line is not UTF-8", e);
        }
    }

    private void run() {
        Frames.Writer frames = new Frames.Writer(channel);
        try {
            serve(frames);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "client left: {0}", e.getMessage());
        } finally {
            over();
            close();
            onEnd.run();
        }
        if (stop) {
            stopAll.run();
        }
    }

    private void serve(Frames.Writer frames) throws IOException {
        try (PrintStream out = stream(frames, false);
                PrintStream err = stream(frames, true)) {
            int status = 0;
            try {
                String command = await();
                if (command.equals("stop")) {
                    // Said before the reply: a client that leaves while it is written means it too.
                    stop = true;
                    out.println("stopping");
                } else if (!command.isEmpty()) {
                    shell.run(command, out, err);
                }
            } catch (Exception | LinkageError | StackOverflowError e) {
                err.println(Failure.line(e));
                status = 1;
            }
            out.flush();
            err.flush();
            frames.exit(status);
        }
    }

    private String await() throws IOException, InterruptedException {
        try {
            return line.get(LINE_SECONDS, TimeUnit.SECONDS).trim();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("no command line came within " + LINE_SECONDS + " s", e);
        }
    }

    private static PrintStream stream(Frames.Writer frames, boolean error) {
        return new PrintStream(frames.stream(error), true, StandardCharsets.UTF_8);
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing", e);
        }
    }
}
