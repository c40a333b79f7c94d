// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * One end of a stream that is hashed both ways: sends records until told to end and checks every
 * record that comes. The side that did not open the stream begins when the first record told it how
 * fast.
 */
final class Duplex implements Flow.Subscriber<ByteBuffer>, AutoCloseable {
    private final StreamPipe pipe;
    private final Supplier<Numbered> datagrams;
    private final Supplier<List<Wire.Pause>> pauses;
    private final MessageDigest theirs = sha();
    private final ByteBuffer head = ByteBuffer.allocate(Wire.HEADER);
    private Wire.Header current;
    private int left;
    private volatile Wire.Header last;
    private volatile long verified;
    private volatile long bad;
    private volatile long received;
    private volatile long sentRecords;
    private volatile boolean over;
    private volatile String failure = "";
    private Thread sender;

    Duplex(StreamPipe pipe, Supplier<Numbered> datagrams, Supplier<List<Wire.Pause>> pauses) {
        this.pipe = pipe;
        this.datagrams = datagrams;
        this.pauses = pauses;
        pipe.incoming().subscribe(this);
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Begins to send: records of so many bytes, so many bytes per second, 0 for full speed. */
    synchronized void begin(int length, int rate) {
        if (sender == null) {
            sender = new Thread(() -> send(length, rate), "itest-stream");
            sender.setDaemon(true);
            sender.start();
        }
    }

    private void send(int length, int rate) {
        try {
            MessageDigest ours = sha();
            byte[] data = new byte[length];
            Random random = new Random(length);
            random.nextBytes(data);
            ByteBuffer out = ByteBuffer.allocate(Wire.HEADER + length);
            long begun = System.nanoTime();
            while (!over) {
                data[random.nextInt(length)]++; // no two records alike
                ours.update(data);
                byte[] digest = ((MessageDigest) ours.clone()).digest();
                Numbered d = datagrams.get();
                out.clear();
                Wire.write(
                        out,
                        new Wire.Header(
                                length,
                                rate,
                                sentRecords,
                                verified,
                                bad,
                                d == null ? 0 : d.came(),
                                d == null ? List.of() : d.gaps(),
                                pauses.get(),
                                digest));
                out.put(data).flip();
                pipe.write(out).toCompletableFuture().get(10, TimeUnit.MINUTES);
                sentRecords++;
                if (rate > 0) {
                    long due = (long) ((double) sentRecords * length / rate * 1e9);
                    LockSupport.parkNanos(due - (System.nanoTime() - begun));
                }
            }
            pipe.finish();
        } catch (Exception e) {
            fail(e);
        }
    }

    private void fail(Throwable t) {
        if (!over) {
            failure = String.valueOf(t.getMessage());
            over = true;
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
        received += bytes.remaining();
        try {
            while (bytes.hasRemaining()) {
                take(bytes);
            }
        } catch (RuntimeException | CloneNotSupportedException e) {
            bad++;
            fail(e);
            pipe.close();
        }
    }

    private void take(ByteBuffer bytes) throws CloneNotSupportedException {
        if (current == null) {
            int n = Math.min(head.remaining(), bytes.remaining());
            head.put(bytes.slice(bytes.position(), n));
            bytes.position(bytes.position() + n);
            if (head.hasRemaining()) {
                return;
            }
            current = Wire.read(head.flip());
            head.clear();
            left = current.length();
            return;
        }
        int n = Math.min(left, bytes.remaining());
        theirs.update(bytes.slice(bytes.position(), n));
        bytes.position(bytes.position() + n);
        left -= n;
        if (left == 0) {
            byte[] digest = ((MessageDigest) theirs.clone()).digest();
            if (Arrays.equals(digest, current.sha()) && current.number() == verified) {
                verified++;
            } else {
                bad++;
            }
            last = current;
            begin(current.length(), current.rate());
            current = null;
        }
    }

    @Override
    public void onError(Throwable t) {
        fail(t);
    }

    @Override
    public void onComplete() {
        over = true;
    }

    /** Records of ours that the pipe took. */
    long sent() {
        return sentRecords;
    }

    /** Records of theirs that were right. */
    long verified() {
        return verified;
    }

    /** Bytes that came. */
    long received() {
        return received;
    }

    /** Records that were wrong, here and there. */
    long bad() {
        Wire.Header h = last;
        return bad + (h == null ? 0 : h.bad());
    }

    /** The last header that came with a whole record; null before the first. */
    Wire.Header last() {
        return last;
    }

    /** Why it ended; empty while it goes on. */
    String failure() {
        return failure;
    }

    /**
     * Waits until both sides have verified all that was sent before the call.
     *
     * @return false if not within the time, or if anything was wrong
     */
    boolean caughtUp(long millis) throws InterruptedException {
        long ours = sentRecords;
        Wire.Header at = last;
        long theirsBefore = at == null ? 0 : at.number();
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; ) {
            Wire.Header h = last;
            if (bad() > 0 || !failure.isEmpty()) {
                return false;
            }
            if (h != null && h.verified() >= ours && h.number() > theirsBefore + 1) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return false;
    }

    @Override
    public void close() {
        over = true;
        pipe.close();
    }
}
