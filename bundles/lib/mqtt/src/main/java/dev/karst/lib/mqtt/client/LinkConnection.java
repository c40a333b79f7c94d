// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The connections of a {@link MqttLink}, one after the other: dials, feeds bytes and time to the
 * client state, waits and dials again. All fields are changed inside {@link Serial} only; each
 * connection has a number so that what comes late from a former one is ignored.
 */
final class LinkConnection {
    private static final System.Logger LOG = System.getLogger(LinkConnection.class.getName());

    /** A connection that ends so soon after the network changed ended by that. */
    private static final long HURRY = Duration.ofSeconds(2).toNanos();

    /** A connection that lived so long was good: the next failure starts with a short pause. */
    private static final long STABLE = Duration.ofSeconds(20).toNanos();

    private final BrokerUrl url;
    private final Scope scope;
    private final Serial serial;
    private final MqttClientState state;
    private final boolean keep;
    private final Runnable onLost;
    private final Consumer<String> onEnd;
    private final Backoff backoff = new Backoff();

    private int number;
    private boolean over;
    private CompletableFuture<TcpSocket> dialing;
    private TcpSocket socket;
    private Subscription timer;
    private long timerAt;
    private Subscription changes = () -> {};
    private long hurryUntil;
    private boolean hurry;
    private boolean stood;
    private long since;
    private volatile String problem = "not connected yet";

    LinkConnection(
            BrokerUrl url,
            Scope scope,
            Serial serial,
            MqttClientState state,
            boolean keep,
            Runnable onLost,
            Consumer<String> onEnd) {
        this.url = url;
        this.scope = scope;
        this.serial = serial;
        this.state = state;
        this.keep = keep;
        this.onLost = onLost;
        this.onEnd = onEnd;
    }

    /** Why there is no connection, in words for an error message. */
    String problem() {
        return problem;
    }

    /** Follows changes of the network: a kept link is not to wait for its next turn then. */
    void follow() {
        if (keep) {
            Subscription s = scope.network().onChange(() -> serial.run(this::networkChanged));
            serial.run(
                    () -> {
                        changes = s;
                        if (over) {
                            serial.effect(s::close);
                        }
                    });
        }
    }

    private void networkChanged() {
        if (over) {
            return;
        }
        backoff.reset();
        if (socket != null) {
            // If its address is gone, it ends in a moment.
            hurry = true;
            hurryUntil = scope.nanoTime() + HURRY;
            return;
        }
        CompletableFuture<TcpSocket> dial = dialing;
        if (dial != null) {
            dialing = null;
            serial.effect(() -> dial.cancel(false));
        }
        begin();
    }

    void begin() {
        if (over) {
            return;
        }
        int mine = ++number;
        serial.effect(
                () -> {
                    CompletableFuture<TcpSocket> dial = BrokerDialer.dial(url, scope);
                    serial.run(() -> dialing = dial);
                    dial.whenComplete((s, e) -> serial.run(() -> dialed(mine, s, e)));
                    if (serial.test(() -> over || mine != number)) {
                        dial.cancel(false);
                    }
                });
    }

    private void dialed(int mine, TcpSocket connected, Throwable error) {
        if (over || mine != number) {
            if (connected != null) {
                serial.effect(connected::abort);
            }
            return;
        }
        dialing = null;
        if (error != null) {
            failed(describe(error));
            return;
        }
        socket = connected;
        stood = true;
        since = scope.nanoTime();
        serial.effect(() -> connected.start(new Handler(mine)));
        state.opened(since);
        arm();
    }

    private static String describe(Throwable error) {
        Throwable e =
                error instanceof CompletionException && error.getCause() != null
                        ? error.getCause()
                        : error;
        String name = e.getClass().getSimpleName();
        return e.getMessage() == null ? name : name + ": " + e.getMessage();
    }

    void send(byte[] bytes) {
        TcpSocket to = socket;
        serial.effect(() -> to.write(ByteBuffer.wrap(bytes)));
    }

    void welcomed() {
        problem = url + ": connected";
        serial.effect(() -> LOG.log(System.Logger.Level.INFO, "connected to {0}", url));
    }

    /** The connection or the try to get one failed. */
    void failed(String why) {
        String text = url + ": " + why;
        boolean news = !text.equals(problem);
        problem = text;
        number++;
        dropSocket(TcpSocket::abort);
        state.closed();
        disarm();
        scope.count("mqtt.connection-failed");
        serial.effect(
                () ->
                        LOG.log(
                                news ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
                                "no connection to {0}",
                                text));
        if (!keep) {
            over = true;
            onEnd.accept(text);
            return;
        }
        onLost.run();
        if (stood && scope.nanoTime() - since >= STABLE) {
            backoff.reset();
        }
        stood = false;
        boolean now = hurry && scope.nanoTime() - hurryUntil < 0;
        hurry = false;
        Duration pause = now ? Duration.ZERO : backoff.next(scope.random());
        int mine = number;
        serial.effect(() -> scope.after(pause, () -> serial.run(() -> again(mine))));
    }

    private void again(int mine) {
        if (mine == number) {
            begin();
        }
    }

    /** Ends it for good; twice is once. */
    void end(String why) {
        if (over) {
            return;
        }
        over = true;
        number++;
        serial.effect(changes::close);
        problem = url + ": " + why;
        if (socket != null) {
            state.disconnect(scope.nanoTime());
        }
        state.closed();
        disarm();
        dropSocket(TcpSocket::close);
        CompletableFuture<TcpSocket> dial = dialing;
        if (dial != null) {
            dialing = null;
            serial.effect(() -> dial.cancel(false));
        }
        onEnd.accept(problem);
    }

    private void dropSocket(Consumer<TcpSocket> how) {
        TcpSocket s = socket;
        if (s != null) {
            socket = null;
            serial.effect(() -> how.accept(s));
        }
    }

    /** Makes sure that the state is ticked in time; a timer that rings early is set anew then. */
    void arm() {
        long now = scope.nanoTime();
        long wait = state.nextTick(now);
        if (wait == Long.MAX_VALUE || timer != null && timerAt - (now + wait) <= 0) {
            return;
        }
        disarm();
        timerAt = now + wait;
        int mine = number;
        timer = scope.after(Duration.ofNanos(wait), () -> serial.run(() -> ring(mine)));
    }

    private void disarm() {
        if (timer != null) {
            timer.close();
            timer = null;
        }
    }

    private void ring(int mine) {
        if (over || mine != number) {
            return;
        }
        timer = null;
        state.tick(scope.nanoTime());
        if (mine == number) {
            arm();
        }
    }

    private final class Handler implements TcpHandler {
        private final int mine;

        Handler(int mine) {
            this.mine = mine;
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            serial.run(
                    () -> {
                        if (mine == number && !over) {
                            state.bytes(bytes, scope.nanoTime());
                            if (mine == number) {
                                arm();
                            }
                        }
                    });
        }

        @Override
        public void finished() {
            closed(Optional.empty());
        }

        @Override
        public void closed(Optional<Throwable> why) {
            serial.run(
                    () -> {
                        if (mine == number && !over) {
                            failed(
                                    why.map(LinkConnection::describe)
                                            .orElse("the broker closed the connection"));
                        }
                    });
        }
    }
}
