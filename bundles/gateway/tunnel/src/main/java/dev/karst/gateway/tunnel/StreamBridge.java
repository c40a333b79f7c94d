// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.StreamPipe;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Joins a socket and a pipe. Each direction keeps its own pace and its own end:
 *
 * <ul>
 *   <li>a write that the pipe has not taken stops the reading of the socket;
 *   <li>a socket that is full gets no further demand to the pipe (at most {@value #DEMAND} buffers
 *       are under way);
 *   <li>a half-close stays a half-close; an error of one is a reset of the other.
 * </ul>
 */
final class StreamBridge implements TcpHandler, Flow.Subscriber<ByteBuffer> {
    /** Buffers of up to 16 KiB asked of the pipe ahead. */
    static final int DEMAND = 8;

    private final Serial serial = new Serial();
    private final TcpSocket socket;
    private final StreamPipe pipe;
    private final Meter meter;
    private final Runnable onEnd;

    /** Writes that the pipe has not taken yet. */
    private final AtomicInteger pendingWrites = new AtomicInteger();

    // All of these only within serial.
    private Flow.Subscription subscription;
    private int owedDemand;
    private boolean socketFull;
    private boolean socketFinished;
    private boolean pipeFinished;
    private boolean socketOver;
    private boolean pipeOver;

    /**
     * @param onEnd run once both are gone
     */
    StreamBridge(TcpSocket socket, StreamPipe pipe, Meter meter, Runnable onEnd) {
        this.socket = socket;
        this.pipe = pipe;
        this.meter = meter;
        this.onEnd = onEnd;
    }

    void start() {
        socket.start(this);
        pipe.incoming().subscribe(this);
        pipe.closed().whenComplete((v, error) -> serial.run(() -> pipeClosed(error)));
    }

    void abort() {
        pipe.close();
        socket.abort();
    }

    // From the socket to the pipe: on the socket's thread, so that it cannot read ahead.

    @Override
    public void bytes(ByteBuffer bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        meter.out(copy.remaining());
        CompletableFuture<Void> write = pipe.write(copy).toCompletableFuture();
        if (write.isDone()) {
            return; // a failure is told by pipe.closed() as well
        }
        pendingWrites.incrementAndGet();
        adjustReading();
        write.whenComplete(
                (v, error) -> {
                    pendingWrites.decrementAndGet();
                    adjustReading();
                });
    }

    /** Called from both sides without a lock: whoever speaks last has looked again after it. */
    private void adjustReading() {
        boolean read;
        do {
            read = pendingWrites.get() == 0;
            socket.reading(read);
        } while (read != (pendingWrites.get() == 0));
    }

    @Override
    public void finished() {
        pipe.finish();
        serial.run(() -> socketFinished = true);
    }

    @Override
    public void closed(Optional<Throwable> why) {
        serial.run(
                () -> {
                    socketOver = true;
                    if (why.isPresent() || !socketFinished || !pipeFinished) {
                        pipe.close();
                    }
                    endIfOver();
                });
    }

    // From the pipe to the socket.

    @Override
    public void onSubscribe(Flow.Subscription s) {
        serial.run(
                () -> {
                    subscription = s;
                    s.request(DEMAND);
                });
    }

    @Override
    public void onNext(ByteBuffer bytes) {
        serial.run(
                () -> {
                    meter.in(bytes.remaining());
                    owedDemand++;
                    socketFull |= !socket.write(bytes);
                    payDemand();
                });
    }

    @Override
    public void writable() {
        serial.run(
                () -> {
                    socketFull = false;
                    payDemand();
                });
    }

    private void payDemand() {
        if (!socketFull && owedDemand > 0) {
            int n = owedDemand;
            owedDemand = 0;
            subscription.request(n);
        }
    }

    @Override
    public void onComplete() {
        serial.run(
                () -> {
                    pipeFinished = true;
                    socket.finish();
                });
    }

    @Override
    public void onError(Throwable error) {
        serial.run(socket::abort);
    }

    private void pipeClosed(Throwable error) {
        pipeOver = true;
        if (error != null) {
            // Also when our direction of it had ended in order: the other one did not.
            socket.abort();
        }
        endIfOver();
    }

    private void endIfOver() {
        if (socketOver && pipeOver) {
            onEnd.run();
        }
    }
}
