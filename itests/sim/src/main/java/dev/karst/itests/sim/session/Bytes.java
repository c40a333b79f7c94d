// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Sends bytes into a pipe and hashes what comes out of it, both with back pressure. */
public final class Bytes implements Flow.Subscriber<ByteBuffer> {
    private final StreamPipe pipe;
    private final byte[] data;
    private final int chunk;
    private final MessageDigest digest = sha256();
    private final Consumer<String> trouble;
    private Flow.Subscription subscription;
    private int sent;
    private long received;
    private boolean sentAll;
    private Optional<byte[]> hash = Optional.empty();

    public Bytes(StreamPipe pipe, byte[] data, int chunk, Consumer<String> trouble) {
        this.pipe = pipe;
        this.data = data;
        this.chunk = chunk;
        this.trouble = trouble;
    }

    public static byte[] random(RandomGenerator random, int size) {
        byte[] b = new byte[size];
        random.nextBytes(b);
        return b;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public void begin() {
        pipe.incoming().subscribe(this);
        push();
    }

    /** Writes until a write has to wait, and goes on when it need not any more. */
    private void push() {
        while (sent < data.length) {
            int n = Math.min(chunk, data.length - sent);
            ByteBuffer part = ByteBuffer.wrap(Arrays.copyOfRange(data, sent, sent + n));
            sent += n;
            CompletableFuture<Void> written = pipe.write(part).toCompletableFuture();
            if (!written.isDone()) {
                written.whenComplete((r, e) -> wrote(part, e, true));
                return;
            }
            wrote(part, written.handle((r, e) -> e).join(), false);
        }
        pipe.finish()
                .whenComplete(
                        (r, e) -> {
                            if (e == null) {
                                sentAll = true;
                            } else {
                                trouble.accept("finish failed: " + e);
                            }
                        });
    }

    private void wrote(ByteBuffer part, Throwable e, boolean goOn) {
        if (e != null) {
            trouble.accept("write failed: " + e);
        } else if (part.hasRemaining()) {
            trouble.accept("write completed before it took all bytes");
        } else if (goOn) {
            push();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription = s;
        s.request(2);
    }

    @Override
    public void onNext(ByteBuffer b) {
        received += b.remaining();
        digest.update(b);
        subscription.request(1);
    }

    @Override
    public void onError(Throwable e) {
        trouble.accept("reading failed after " + received + " bytes: " + e);
    }

    @Override
    public void onComplete() {
        if (hash.isPresent()) {
            trouble.accept("completed twice");
        }
        hash = Optional.of(digest.digest());
    }

    public boolean done() {
        return sentAll && hash.isPresent();
    }

    public boolean got(byte[] expected) {
        return hash.isPresent() && Arrays.equals(hash.get(), sha256().digest(expected));
    }

    @Override
    public String toString() {
        return "sent " + sent + (sentAll ? " all" : "") + ", received " + received;
    }
}
