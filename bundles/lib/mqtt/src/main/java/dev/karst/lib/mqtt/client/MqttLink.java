// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import dev.karst.Subscription;
import dev.karst.lib.mqtt.Topics;
import dev.karst.spi.Scope;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A link to one broker for as long as a {@link Scope} lasts. Thread-safe; no call blocks.
 *
 * <p>A {@linkplain #keep kept} link reconnects with back-off, subscribes again and repeats what was
 * not acknowledged. A {@linkplain #once passing} link ends with its first failure.
 */
public final class MqttLink implements AutoCloseable {
    /** How long a publish may take, connecting included. */
    public static final Duration PUBLISH_LIMIT = Duration.ofSeconds(10);

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);
    private static final String CANCELLED = "cancelled";

    private final Scope scope;
    private final Serial serial = new Serial();
    private final LinkConnection connection;
    private final MqttClientState state;
    private final Map<String, List<MqttSubscriber>> subscribers = new HashMap<>();
    private final Map<Long, CompletableFuture<Void>> publishes = new LinkedHashMap<>();
    private Subscription cancelling = () -> {};
    private boolean closed;

    private MqttLink(BrokerUrl url, MqttLogin login, Scope scope, boolean keep) {
        this.scope = scope;
        byte[] id = new byte[8];
        scope.secureRandom().nextBytes(id); // whoever knew it could push us out
        state = new MqttClientState("k" + HexFormat.of().formatHex(id), login, KEEP_ALIVE, events);
        connection = new LinkConnection(url, scope, serial, state, keep, this::lost, this::end);
    }

    /** A link that stays connected until the scope is cancelled or it is closed. */
    public static MqttLink keep(BrokerUrl url, MqttLogin login, Scope scope) {
        return open(new MqttLink(url, login, scope, true));
    }

    /** A link that does not come back: after a failure it is closed and all that waits fails. */
    public static MqttLink once(BrokerUrl url, MqttLogin login, Scope scope) {
        return open(new MqttLink(url, login, scope, false));
    }

    private static MqttLink open(MqttLink link) {
        link.serial.run(link.connection::begin);
        link.connection.follow();
        Subscription cancelling = link.scope.onCancel(link::close);
        link.serial.run(
                () -> {
                    link.cancelling = cancelling;
                    if (link.closed) {
                        link.serial.effect(cancelling::close);
                    }
                });
        return link;
    }

    /** The broker and why there is no connection to it, in words; for error messages. */
    public String problem() {
        return connection.problem();
    }

    /** Whether it is over for good. */
    public boolean closed() {
        return serial.test(() -> closed);
    }

    /** Whether no publish waits and nobody is subscribed. */
    public boolean idle() {
        return serial.test(() -> publishes.isEmpty() && subscribers.isEmpty());
    }

    /** Subscribes to one topic; wildcards are not for links. */
    public Subscription subscribe(String topic, MqttSubscriber subscriber) {
        if (!Topics.validName(topic)) {
            throw new IllegalArgumentException("not a topic: " + topic);
        }
        serial.run(
                () -> {
                    if (closed) {
                        serial.effect(() -> subscriber.ended(connection.problem()));
                    } else if (!state.subscribe(topic, scope.nanoTime())) {
                        serial.effect(subscriber::refused);
                    } else {
                        subscribers.computeIfAbsent(topic, t -> new ArrayList<>()).add(subscriber);
                        connection.arm();
                    }
                });
        return () -> serial.run(() -> unsubscribe(topic, subscriber));
    }

    private void unsubscribe(String topic, MqttSubscriber subscriber) {
        List<MqttSubscriber> all = subscribers.get(topic);
        if (all != null && all.remove(subscriber) && all.isEmpty()) {
            subscribers.remove(topic);
            state.unsubscribe(topic, scope.nanoTime());
        }
    }

    /**
     * Publishes with QoS 1.
     *
     * @param caller whose cancellation ends the wait; cancelled already, nothing is sent
     * @return completes when the broker acknowledged; fails with {@link IOException} after {@link
     *     #PUBLISH_LIMIT}, when too many wait, or when the link or the caller's scope ends
     */
    public CompletionStage<Void> publish(
            String topic, byte[] payload, boolean retain, Scope caller) {
        if (!Topics.validName(topic)) {
            throw new IllegalArgumentException("not a topic: " + topic);
        }
        if (caller.cancelled()) {
            return CompletableFuture.failedStage(new IOException(CANCELLED));
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        byte[] copy = payload.clone();
        serial.run(
                () -> {
                    if (closed) {
                        failLater(done, connection.problem());
                        return;
                    }
                    long number = state.publish(topic, copy, retain, scope.nanoTime());
                    if (number < 0) {
                        failLater(done, "too many messages wait for the broker");
                        return;
                    }
                    publishes.put(number, done);
                    connection.arm();
                    serial.effect(() -> bound(number, done, caller));
                });
        return done.minimalCompletionStage();
    }

    /** Outside the lock: timers and scopes are foreign code. */
    private void bound(long number, CompletableFuture<Void> done, Scope caller) {
        Subscription limit =
                scope.after(
                        PUBLISH_LIMIT,
                        () ->
                                giveUp(
                                        number,
                                        "not acknowledged within "
                                                + PUBLISH_LIMIT.toSeconds()
                                                + " s ("
                                                + connection.problem()
                                                + ")"));
        Subscription cancel = caller.onCancel(() -> giveUp(number, CANCELLED));
        done.whenComplete(
                (ok, error) -> {
                    limit.close();
                    cancel.close();
                });
    }

    private void giveUp(long number, String why) {
        serial.run(
                () -> {
                    CompletableFuture<Void> done = publishes.remove(number);
                    if (done != null) {
                        state.forget(number);
                        failLater(done, why);
                    }
                });
    }

    private void failLater(CompletableFuture<Void> done, String why) {
        serial.effect(() -> done.completeExceptionally(new IOException(why)));
    }

    @Override
    public void close() {
        serial.run(() -> connection.end("closed"));
    }

    private void lost() {
        each(MqttSubscriber::lost);
    }

    /** The connection will not come back. */
    private void end(String why) {
        closed = true;
        publishes.values().forEach(done -> failLater(done, why));
        publishes.clear();
        each(s -> s.ended(why));
        subscribers.clear();
        serial.effect(cancelling::close);
    }

    private void each(java.util.function.Consumer<MqttSubscriber> call) {
        subscribers.values().forEach(all -> tell(all, call));
    }

    private void tell(List<MqttSubscriber> all, java.util.function.Consumer<MqttSubscriber> call) {
        for (MqttSubscriber s : all) {
            serial.effect(() -> call.accept(s));
        }
    }

    private List<MqttSubscriber> of(String topic) {
        return subscribers.getOrDefault(topic, List.of());
    }

    private final MqttClientEvents events =
            new MqttClientEvents() {
                @Override
                public void send(byte[] bytes) {
                    connection.send(bytes);
                }

                @Override
                public void connected() {
                    connection.welcomed();
                }

                @Override
                public void subscribed(String topic, boolean granted) {
                    if (!granted) {
                        scope.count("mqtt.subscription-refused");
                    }
                    tell(of(topic), granted ? MqttSubscriber::granted : MqttSubscriber::refused);
                }

                @Override
                public void message(String topic, byte[] payload, boolean retained) {
                    tell(of(topic), s -> s.message(payload, retained));
                }

                @Override
                public void acknowledged(long publish) {
                    CompletableFuture<Void> done = publishes.remove(publish);
                    if (done != null) {
                        serial.effect(() -> done.complete(null));
                    }
                }

                @Override
                public void failed(String why) {
                    connection.failed(why);
                }
            };
}
