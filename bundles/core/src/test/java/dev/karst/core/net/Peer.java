// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** One end of a test connection: hashes what comes, and checks the rules for those who call it. */
class Peer implements TcpHandler {
    final TcpSocket socket;
    final AtomicLong received = new AtomicLong();
    final Semaphore writable = new Semaphore(0);
    final CountDownLatch finished = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);
    final AtomicInteger broken = new AtomicInteger(); // rules, by whoever calls
    volatile Optional<Throwable> why = Optional.empty();
    private final MessageDigest digest = sha256();
    private final AtomicBoolean inside = new AtomicBoolean();

    Peer(TcpSocket socket) {
        this.socket = socket;
    }

    Peer start() {
        socket.start(this);
        return this;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void one(Runnable call) {
        if (!inside.compareAndSet(false, true) || closed.getCount() == 0) {
            broken.incrementAndGet();
        }
        try {
            call.run();
            during();
        } finally {
            inside.set(false);
        }
    }

    /** Runs inside each call. */
    void during() {}

    @Override
    public void bytes(ByteBuffer bytes) {
        one(
                () -> {
                    int n = bytes.remaining();
                    digest.update(bytes);
                    received.addAndGet(n);
                });
    }

    @Override
    public void writable() {
        one(writable::release);
    }

    @Override
    public void finished() {
        one(finished::countDown);
    }

    @Override
    public void closed(Optional<Throwable> reason) {
        one(() -> why = reason);
        closed.countDown();
    }

    /** Writes seeded bytes in odd sizes, heeding back pressure; returns their hash. */
    String send(long seed, long total) throws InterruptedException {
        Random random = new Random(seed);
        MessageDigest d = sha256();
        for (long left = total; left > 0; ) {
            byte[] part = new byte[(int) Math.min(left, 1 + random.nextInt(40_000))];
            random.nextBytes(part);
            d.update(part);
            left -= part.length;
            int cut = random.nextInt(part.length);
            boolean room =
                    socket.write(
                            ByteBuffer.wrap(part, 0, cut),
                            ByteBuffer.wrap(part, cut, part.length - cut));
            if (!room && !writable.tryAcquire(10, TimeUnit.SECONDS)) {
                throw new AssertionError("never writable again; closed: " + why);
            }
        }
        return HexFormat.of().formatHex(d.digest());
    }

    String hash() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
