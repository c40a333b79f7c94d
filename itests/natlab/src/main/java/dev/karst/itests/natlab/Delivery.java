// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Random bytes through a tunnel from one host to another, whose hash is checked on the other side,
 * and its answer here. Times are in ns since the sender's connect.
 */
final class Delivery implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final long bytes;
    private final long seed;
    private final NetNs to;
    private final ServerSocket service;
    private final MessageDigest sent = sha256();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile long began;
    private volatile long first;
    private volatile long last;
    private volatile long longest;
    private volatile long longestAt;
    private volatile long received;
    private volatile boolean enough = true;
    private long perSecond = Long.MAX_VALUE;

    /**
     * @param to where it is to arrive: a service listens there from now on
     */
    Delivery(long bytes, long seed, NetNs to) throws Exception {
        this.bytes = bytes;
        this.seed = seed;
        this.to = to;
        this.service = to.call(() -> new ServerSocket(0, 8, InetAddress.getLoopbackAddress()));
    }

    /** Goes on, no faster than so many bytes a second, until it is told that this is enough. */
    Delivery endless(long bytesPerSecond) {
        enough = false;
        perSecond = bytesPerSecond;
        return this;
    }

    /** What was to be sent at least is sent, and no more. */
    void enough() {
        enough = true;
    }

    /** Of the service. */
    int port() {
        return service.getLocalPort();
    }

    /**
     * Begins.
     *
     * @param from where the tunnel's local end is, at this port
     */
    void start(NetNs from, int entry) {
        CompletableFuture<byte[]> here = new CompletableFuture<>();
        CompletableFuture<byte[]> there = to.start(this::receive);
        from.start(() -> send(entry))
                .whenComplete(
                        (answer, e) -> {
                            if (e != null) {
                                here.completeExceptionally(e);
                            } else {
                                here.complete(answer);
                            }
                        });
        here.whenComplete(
                (answer, e) -> {
                    if (e != null) {
                        done.completeExceptionally(e);
                        return;
                    }
                    there.whenComplete(
                            (got, e2) -> {
                                if (e2 != null) {
                                    done.completeExceptionally(e2);
                                } else if (!Arrays.equals(got, answer)
                                        || !Arrays.equals(got, sent.digest())) {
                                    done.completeExceptionally(new IOException("wrong hash"));
                                } else {
                                    done.complete(null);
                                }
                            });
                });
    }

    private byte[] send(int entry) throws IOException {
        began = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), entry)) {
            OutputStream to = socket.getOutputStream();
            produce(
                    (chunk, offset, length) -> {
                        sent.update(chunk, offset, length);
                        to.write(chunk, offset, length);
                    });
            socket.shutdownOutput();
            byte[] answer = socket.getInputStream().readNBytes(32);
            if (answer.length < 32) {
                throw new IOException("the tunnel ended after " + received + " bytes");
            }
            return answer;
        }
    }

    private interface Sink {
        void take(byte[] bytes, int offset, int length) throws IOException;
    }

    private void produce(Sink to) throws IOException {
        Random random = new Random(seed);
        byte[] chunk = new byte[CHUNK];
        for (long left = bytes; left > 0 || !enough; left -= CHUNK) {
            random.nextBytes(chunk);
            to.take(chunk, 0, left > 0 ? (int) Math.min(CHUNK, left) : CHUNK);
            if (perSecond != Long.MAX_VALUE) {
                LockSupport.parkNanos(CHUNK * 1_000_000_000L / perSecond);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new LabException("no SHA-256", e);
        }
    }

    private byte[] receive() throws IOException {
        MessageDigest digest = sha256();
        try (Socket socket = service.accept();
                InputStream in = new DigestInputStream(socket.getInputStream(), digest)) {
            byte[] chunk = new byte[CHUNK];
            for (int n; (n = in.read(chunk)) >= 0; ) {
                arrived(n);
            }
            byte[] hash = digest.digest();
            socket.getOutputStream().write(hash);
            return hash;
        }
    }

    private void arrived(int n) {
        long now = System.nanoTime();
        received += n;
        if (first == 0) {
            first = now;
        } else if (now - last > longest) {
            longest = now - last;
            longestAt = last - began;
        }
        last = now;
    }

    /** The longest gap so far, in ms; what comes next is measured for itself. */
    long restart() {
        long gap = longestGapMs();
        longest = 0;
        return gap;
    }

    /** Waits for the end; fails with the reason if it went wrong. */
    void await(int seconds) throws Exception {
        try {
            done.get(seconds, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (java.util.concurrent.TimeoutException e) {
            throw new IOException(received + " of " + bytes + " bytes within " + seconds + " s");
        }
    }

    boolean over() {
        return done.isDone();
    }

    long began() {
        return began;
    }

    long received() {
        return received;
    }

    /** Until the first byte came out on the other side, in ms; negative while there is none. */
    long firstMs() {
        return first == 0 ? -1 : (first - began) / 1_000_000;
    }

    /** When bytes came last, as {@link System#nanoTime} has it. */
    long lastAt() {
        return last;
    }

    long lastMs() {
        return (last - began) / 1_000_000;
    }

    /** The longest time without a byte, in ms; the present one counts. */
    long longestGapMs() {
        long open = over() || last == 0 ? 0 : System.nanoTime() - last;
        return Math.max(longest, open) / 1_000_000;
    }

    long longestGapAtMs() {
        return longestAt / 1_000_000;
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
