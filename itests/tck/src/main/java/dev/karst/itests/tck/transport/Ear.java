// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.transport;

import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathHandler;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens to a path as the core does: copies frames, spoils the buffer, notes broken rules. */
final class Ear implements PathHandler {
    final LinkedBlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
    final Semaphore writable = new Semaphore(0);
    final CountDownLatch closed = new CountDownLatch(1);
    final AtomicInteger broken = new AtomicInteger();
    volatile String why;
    private final AtomicInteger inside = new AtomicInteger();

    /** Begins to listen. */
    static Ear to(Path path) {
        Ear e = new Ear();
        path.start(e);
        return e;
    }

    private void one(Runnable call) {
        if (inside.incrementAndGet() > 1 || closed.getCount() == 0) {
            broken.incrementAndGet();
        }
        call.run();
        inside.decrementAndGet();
    }

    @Override
    public void frame(ByteBuffer frame) {
        one(
                () -> {
                    if (!frame.hasArray()) {
                        broken.incrementAndGet(); // the core opens records in place
                        return;
                    }
                    byte[] copy = new byte[frame.remaining()];
                    frame.get(frame.position(), copy);
                    int from = frame.arrayOffset() + frame.position();
                    Arrays.fill(frame.array(), from, from + copy.length, (byte) 0xEE);
                    frames.add(copy);
                });
    }

    @Override
    public void writable() {
        one(writable::release);
    }

    @Override
    public void closed(String reason) {
        one(() -> why = reason);
        closed.countDown();
    }

    /** The next frame; fails the test if none comes. */
    byte[] next() throws InterruptedException {
        byte[] f = frames.poll(5, TimeUnit.SECONDS);
        if (f == null) {
            throw new AssertionError("no frame came; closed: " + why);
        }
        return f;
    }

    boolean isClosed() throws InterruptedException {
        return closed.await(5, TimeUnit.SECONDS);
    }
}
