// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One end of a TCP transfer: sends seeded bytes on a thread of its own and compares what comes with
 * the bytes of another seed, one by one; then it is known where the first wrong one stood.
 */
final class Flow implements TcpHandler {
    private final TcpSocket socket;
    private final long total;
    private final Random expected;
    private final Semaphore writable = new Semaphore(0);
    private final AtomicBoolean inside = new AtomicBoolean();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile long received;

    Flow(TcpSocket socket, long total, long expectedSeed) {
        this.socket = socket;
        this.total = total;
        expected = new Random(expectedSeed);
        socket.start(this);
    }

    /** Bytes that came. */
    long received() {
        return received;
    }

    /** Completes when all came and the other side ended; fails with what was wrong. */
    CompletableFuture<Void> done() {
        return done;
    }

    void send(long seed) {
        Thread t = new Thread(() -> run(new Random(seed)), "tck-sender");
        t.setDaemon(true);
        t.start();
    }

    private void run(Random random) {
        try {
            byte[] part = new byte[16 * 1024];
            for (long left = total; left > 0; left -= part.length) {
                random.nextBytes(part);
                int n = (int) Math.min(left, part.length);
                if (!socket.write(ByteBuffer.wrap(part, 0, n))
                        && !writable.tryAcquire(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("never writable again");
                }
            }
            socket.finish();
        } catch (Throwable e) {
            done.completeExceptionally(e);
        }
    }

    private byte[] block = new byte[0];
    private int at;

    private byte next() {
        if (at == block.length) {
            block = new byte[16 * 1024]; // as the sender makes them
            expected.nextBytes(block);
            at = 0;
        }
        return block[at++];
    }

    private void one(Runnable call) {
        if (!inside.compareAndSet(false, true)) {
            done.completeExceptionally(new AssertionError("two calls at once"));
        }
        try {
            call.run();
        } finally {
            inside.set(false);
        }
    }

    @Override
    public void bytes(ByteBuffer bytes) {
        one(
                () -> {
                    long n = received;
                    while (bytes.hasRemaining()) {
                        if (bytes.get() != next()) {
                            done.completeExceptionally(new AssertionError("wrong byte at " + n));
                            socket.abort();
                            return;
                        }
                        n++;
                    }
                    received = n;
                });
    }

    @Override
    public void writable() {
        one(writable::release);
    }

    @Override
    public void closed(Optional<Throwable> why) {
        one(
                () -> {
                    if (why.isPresent()) {
                        done.completeExceptionally(why.get());
                    } else if (received != total) {
                        done.completeExceptionally(
                                new AssertionError(received + " of " + total + " bytes came"));
                    } else {
                        done.complete(null);
                    }
                });
    }
}
