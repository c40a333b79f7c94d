// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.StreamPipe;
import dev.karst.itests.sim.SimWorld;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One end of a stream: writes at a steady pace, and hashes both what it wrote and what it got. */
final class Stream implements Flow.Subscriber<ByteBuffer> {
    private final SimWorld world;
    private final StreamPipe pipe;
    private final RandomGenerator content;
    private final int chunk;
    private final Duration pace;
    private final Consumer<String> trouble;
    private final MessageDigest out = sha256();
    private final MessageDigest in = sha256();
    private Flow.Subscription subscription;
    private long sent;
    private long received;
    private long lastAt;
    private long silence;
    private boolean writing;
    private boolean ending;
    private boolean acknowledged;
    private boolean completed;

    Stream(
            SimWorld world,
            StreamPipe pipe,
            RandomGenerator content,
            int chunk,
            Duration pace,
            Consumer<String> trouble) {
        this.world = world;
        this.pipe = pipe;
        this.content = content;
        this.chunk = chunk;
        this.pace = pace;
        this.trouble = trouble;
        this.lastAt = world.nanoTime();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void begin() {
        pipe.incoming().subscribe(this);
        write();
    }

    /** One more chunk, unless the last one still waits for room. */
    private void write() {
        if (ending) {
            finish();
            return;
        }
        world.after(pace, this::write);
        if (writing) {
            return;
        }
        byte[] b = new byte[1 + content.nextInt(2 * chunk)];
        content.nextBytes(b);
        out.update(b);
        sent += b.length;
        writing = true;
        pipe.write(ByteBuffer.wrap(b))
                .whenComplete(
                        (r, e) -> {
                            writing = false;
                            if (e != null) {
                                trouble.accept("write failed: " + e);
                            }
                        });
    }

    private void finish() {
        pipe.finish()
                .whenComplete(
                        (r, e) -> {
                            acknowledged = e == null;
                            if (e != null) {
                                trouble.accept("finish failed: " + e);
                            }
                        });
    }

    /** Writes no more, and finishes. */
    void end() {
        ending = true;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription = s;
        s.request(2);
    }

    @Override
    public void onNext(ByteBuffer b) {
        silence = Math.max(silence, world.nanoTime() - lastAt);
        lastAt = world.nanoTime();
        received += b.remaining();
        in.update(b);
        subscription.request(1);
    }

    @Override
    public void onError(Throwable e) {
        trouble.accept("reading failed after " + received + " bytes: " + e);
    }

    @Override
    public void onComplete() {
        completed = true;
    }

    boolean done() {
        return acknowledged && completed;
    }

    long sent() {
        return sent;
    }

    long received() {
        return received;
    }

    /** The longest time without anything, in nanoseconds. */
    long silence() {
        return silence;
    }

    /** Whether this end got what that one wrote; once both are done. */
    boolean got(Stream other) {
        return received == other.sent && Arrays.equals(in.digest(), other.out.digest());
    }

    @Override
    public String toString() {
        return "sent "
                + sent
                + (acknowledged ? "" : ", not acknowledged")
                + ", received "
                + received
                + (completed ? "" : ", no end");
    }
}
