// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One question to one gateway, from a socket of its own: sent again until it is answered. Nothing
 * of it is left, sockets included, once its result is complete; cancelling the result ends it.
 */
public final class Exchange<T> {
    /** So much before the scope's deadline it gives up, so that the reason is told. */
    private static final Duration SPARE = Duration.ofMillis(50);

    private final Scope scope;
    private final Ask ask;
    private final Reader<T> reader;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private UdpSocket socket; // guarded by this
    private Subscription timer = () -> {}; // guarded by this
    private Subscription limit = () -> {}; // guarded by this
    private boolean over; // guarded by this
    private int sent; // on the executor
    private boolean left; // on the executor: something could be sent

    /**
     * What is asked of whom.
     *
     * @param name of the protocol: {@code natpmp}; what counters begin with
     * @param local an address of this machine
     */
    public record Ask(
            String name,
            InetAddress local,
            InetSocketAddress gateway,
            byte[] request,
            Patience patience) {}

    /** Reads what came from the gateway, on the scope's executor. */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * The answer; empty if it is none to this question, which is then the reader's to count.
         *
         * @throws KarstException if the gateway refuses: ends the exchange
         */
        Optional<T> read(ByteBuffer bytes);
    }

    private Exchange(Scope scope, Ask ask, Reader<T> reader) {
        this.scope = scope;
        this.ask = ask;
        this.reader = reader;
    }

    /**
     * Begins.
     *
     * @return fails with {@link KarstException}: refused, {@code TIMEOUT}, {@code CLOSED} when the
     *     scope is over, {@code IO} when the local address cannot be used
     */
    public static <T> CompletableFuture<T> ask(Scope scope, Ask ask, Reader<T> reader) {
        Exchange<T> e = new Exchange<>(scope, ask, reader);
        e.begin();
        return e.result;
    }

    private void begin() {
        Subscription cancelled =
                scope.onCancel(() -> fail(Code.CLOSED, "cancelled before " + who() + " answered"));
        result.whenComplete(
                (r, e) -> {
                    cancelled.close();
                    end();
                });
        if (result.isDone()) {
            return;
        }
        Duration left = untilDeadline();
        if (left.isNegative() || left.isZero()) {
            fail(Code.TIMEOUT, "no time left to ask " + who());
            return;
        }
        if (left.compareTo(Duration.ofDays(1)) < 0) {
            later(left, this::giveUp, t -> limit = t);
        }
        scope.network()
                .bindUdp(new InetSocketAddress(ask.local, 0))
                .whenComplete(
                        (s, e) -> {
                            if (e != null) {
                                fail(
                                        Code.IO,
                                        "cannot send from " + text(ask.local) + ": " + reason(e));
                            } else {
                                scope.executor().execute(() -> bound(s));
                            }
                        });
    }

    private Duration untilDeadline() {
        Instant deadline = scope.deadline();
        return Duration.between(scope.clock().instant(), deadline).minus(SPARE);
    }

    private void bound(UdpSocket s) {
        synchronized (this) {
            if (!over) {
                socket = s;
            }
        }
        if (result.isDone()) {
            s.close();
            return;
        }
        s.start(new Gate(scope, ask.name, ask.gateway::equals, this::take));
        send();
    }

    private void send() {
        UdpSocket s;
        synchronized (this) {
            s = socket;
        }
        if (result.isDone() || s == null) {
            return;
        }
        if (sent == ask.patience.sends()) {
            giveUp();
            return;
        }
        left |= s.send(ask.gateway, ByteBuffer.wrap(ask.request));
        later(ask.patience.after(sent++), this::send, t -> timer = t);
    }

    private void later(Duration after, Runnable task, Consumer<Subscription> to) {
        Subscription t = scope.after(after, task);
        synchronized (this) {
            to.accept(t);
            if (over) {
                t.close();
            }
        }
    }

    private void take(ByteBuffer bytes) {
        if (result.isDone()) {
            return;
        }
        try {
            reader.read(bytes).ifPresent(result::complete);
        } catch (KarstException e) {
            result.completeExceptionally(e);
        }
    }

    private void giveUp() {
        if (sent > 0 && !left) {
            fail(Code.UNREACHABLE, "nothing can be sent to " + who());
        } else {
            fail(Code.TIMEOUT, "no answer from " + who());
        }
    }

    private void fail(Code code, String why) {
        result.completeExceptionally(new KarstException(code, why));
    }

    private String who() {
        return text(ask.gateway.getAddress());
    }

    /** As people write it. */
    public static String text(InetAddress a) {
        return a.getHostAddress();
    }

    private static String reason(Throwable e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private synchronized void end() {
        over = true;
        timer.close();
        limit.close();
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
