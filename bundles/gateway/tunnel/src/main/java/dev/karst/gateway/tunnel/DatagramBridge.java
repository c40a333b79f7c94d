// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.DatagramPipe;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;
import java.util.function.Predicate;

/**
 * Joins one local UDP address and a datagram pipe. Datagrams that come before the other side is
 * ready wait (at most {@value Limits#WAITING_DATAGRAMS}), because a lost first datagram costs a
 * client a time-out; those that do not fit the pipe are dropped and counted. Ends when no datagram
 * went either way for the idle time.
 */
final class DatagramBridge implements Flow.Subscriber<ByteBuffer> {
    private final Serial serial = new Serial();
    private final Deque<ByteBuffer> forPipe = new ArrayDeque<>();
    private final Deque<ByteBuffer> forLocal = new ArrayDeque<>();
    private final Scope scope;
    private final Duration idle;
    private final Meter meter;
    private final Runnable onEnd;

    // All of these only within serial.
    private DatagramPipe pipe;
    private Predicate<ByteBuffer> local;
    private Subscription timer = () -> {};
    private long lastSeen;
    private boolean failed;
    private volatile boolean over;

    /**
     * @param onEnd run once when it is over
     */
    DatagramBridge(Scope scope, Duration idle, Meter meter, Runnable onEnd) {
        this.scope = scope;
        this.idle = idle;
        this.meter = meter;
        this.onEnd = onEnd;
        this.lastSeen = scope.nanoTime();
    }

    /**
     * The local address can be spoken to.
     *
     * @param send false if the datagram was dropped
     */
    void local(Predicate<ByteBuffer> send) {
        serial.run(
                () -> {
                    local = send;
                    for (ByteBuffer b; (b = forLocal.poll()) != null; ) {
                        deliver(b);
                    }
                });
    }

    /** The pipe is open. */
    void opened(DatagramPipe opened) {
        serial.run(
                () -> {
                    if (over) {
                        opened.close();
                        return;
                    }
                    pipe = opened;
                    lastSeen = scope.nanoTime();
                    pipe.incoming().subscribe(this);
                    pipe.closed().whenComplete((v, error) -> close());
                    for (ByteBuffer b; (b = forPipe.poll()) != null; ) {
                        send(b);
                    }
                    arm(idle);
                });
    }

    /** The pipe did not open: drops what comes for a while, so that not every datagram retries. */
    void failed(Duration pause) {
        serial.run(
                () -> {
                    failed = true;
                    forPipe.clear();
                    timer = scope.after(pause, this::close);
                });
    }

    boolean over() {
        return over;
    }

    void close() {
        serial.run(
                () -> {
                    if (over) {
                        return;
                    }
                    over = true;
                    timer.close();
                    forPipe.clear();
                    forLocal.clear();
                    if (pipe != null) {
                        pipe.close();
                    }
                    onEnd.run();
                });
    }

    /** A datagram from the local address; the bytes are copied. */
    void fromLocal(ByteBuffer bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        serial.run(
                () -> {
                    lastSeen = scope.nanoTime();
                    if (over || failed) {
                        meter.dropped(scope, "tunnel.udp-dropped");
                    } else if (pipe != null) {
                        send(copy);
                    } else {
                        hold(forPipe, copy);
                    }
                });
    }

    private void hold(Deque<ByteBuffer> queue, ByteBuffer datagram) {
        if (queue.size() < Limits.WAITING_DATAGRAMS) {
            queue.add(datagram);
        } else {
            meter.dropped(scope, "tunnel.udp-dropped");
        }
    }

    private void send(ByteBuffer datagram) {
        int size = datagram.remaining();
        if (size > pipe.maxSize()) {
            meter.dropped(scope, "tunnel.udp-oversized");
        } else if (pipe.send(datagram)) {
            meter.out(size);
        } else {
            meter.dropped(scope, "tunnel.udp-dropped");
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        // A local send never waits, so there is nothing to hold back.
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer datagram) {
        serial.run(
                () -> {
                    lastSeen = scope.nanoTime();
                    if (over) {
                        meter.dropped(scope, "tunnel.udp-dropped");
                    } else if (local == null) {
                        hold(forLocal, datagram);
                    } else {
                        deliver(datagram);
                    }
                });
    }

    private void deliver(ByteBuffer datagram) {
        int size = datagram.remaining();
        if (local.test(datagram)) {
            meter.in(size);
        } else {
            meter.dropped(scope, "tunnel.udp-dropped");
        }
    }

    @Override
    public void onError(Throwable error) {
        close();
    }

    @Override
    public void onComplete() {
        close();
    }

    private void arm(Duration delay) {
        timer = scope.after(delay, () -> serial.run(this::look));
    }

    private void look() {
        if (over) {
            return;
        }
        Duration left = idle.minusNanos(scope.nanoTime() - lastSeen);
        if (left.isNegative() || left.isZero()) {
            close();
        } else {
            arm(left);
        }
    }
}
