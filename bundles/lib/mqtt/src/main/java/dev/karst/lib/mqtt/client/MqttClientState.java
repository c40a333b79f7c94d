// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import dev.karst.lib.mqtt.MqttCodec;
import dev.karst.lib.mqtt.MqttProtocolException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * An MQTT 3.1.1 client over any number of connections, one after the other. Takes bytes and time,
 * gives bytes and events; not thread-safe.
 *
 * <p>Sessions are clean: a broker keeps nothing for us while we are away (signals would be stale),
 * and it is this side that subscribes again and repeats, marked DUP, what was not acknowledged.
 * Times are readings of {@code System.nanoTime()} or its simulated like.
 */
final class MqttClientState {
    /** Sent and not acknowledged at a time; more wait here. */
    static final int IN_FLIGHT = 16;

    /** Publishes that may wait in all. */
    static final int MAX_PENDING = 64;

    /** Different topics one client may subscribe to. */
    static final int MAX_TOPICS = 256;

    static final long ANSWER = Duration.ofSeconds(10).toNanos();

    private enum Phase {
        CLOSED,
        CONNECTING,
        CONNECTED
    }

    private final String clientId;
    private final MqttLogin login;
    private final long keepAlive;
    private final MqttClientEvents events;
    private final PublishQueue publishes = new PublishQueue(MAX_PENDING, IN_FLIGHT);
    private final Set<String> topics = new LinkedHashSet<>();
    private final Map<Integer, String> subscribing = new HashMap<>();

    private Phase phase = Phase.CLOSED;
    private MqttCodec codec;
    private int nextId;
    private long heard;
    private long sent;
    private boolean pinging;
    private long pinged;
    private long awaiting;

    /**
     * @param clientId 1 to 23 letters and digits, so that every broker takes it
     * @param keepAlive silence after which the connection is probed; whole seconds
     */
    MqttClientState(String clientId, MqttLogin login, Duration keepAlive, MqttClientEvents events) {
        this.clientId = clientId;
        this.login = login;
        this.keepAlive = keepAlive.toNanos();
        this.events = events;
    }

    /** A fresh connection stands: introduces itself. */
    void opened(long now) {
        closed();
        codec = new MqttCodec();
        phase = Phase.CONNECTING;
        heard = now;
        awaiting = now;
        send(MqttPackets.connect(clientId, login, (int) (keepAlive / 1_000_000_000)), now);
    }

    /** The connection is gone; subscriptions and unacknowledged publishes stay for the next. */
    void closed() {
        if (codec != null) {
            codec.close();
            codec = null;
        }
        phase = Phase.CLOSED;
        pinging = false;
        subscribing.clear();
        publishes.disconnected();
    }

    /** Says good-bye; the caller then closes the connection. */
    void disconnect(long now) {
        if (phase == Phase.CONNECTED) {
            send(MqttMessage.DISCONNECT, now);
        }
        closed();
    }

    boolean connected() {
        return phase == Phase.CONNECTED;
    }

    /**
     * Queues a message for QoS 1.
     *
     * @return its number, or -1 where {@value #MAX_PENDING} already wait
     */
    long publish(String topic, byte[] payload, boolean retain, long now) {
        long number = publishes.add(topic, payload, retain);
        flush(now);
        return number;
    }

    /** Stops caring for a publish; it may still arrive. */
    void forget(long publish) {
        publishes.forget(publish);
    }

    /**
     * Subscribes to one topic, again where it is already: the broker then repeats what it retains.
     *
     * @return false where {@value #MAX_TOPICS} are subscribed
     */
    boolean subscribe(String topic, long now) {
        if (!topics.contains(topic) && topics.size() >= MAX_TOPICS) {
            return false;
        }
        topics.add(topic);
        if (connected()) {
            requestSubscription(topic, now);
        }
        return true;
    }

    void unsubscribe(String topic, long now) {
        if (topics.remove(topic) && connected()) {
            send(MqttPackets.unsubscribe(freeId(), topic), now);
        }
    }

    void bytes(ByteBuffer bytes, long now) {
        if (phase == Phase.CLOSED) {
            return;
        }
        heard = now;
        pinging = false;
        try {
            codec.decode(bytes, packet -> packet(packet, now));
        } catch (MqttProtocolException e) {
            fail(e.getMessage());
        }
    }

    private void packet(MqttMessage packet, long now) throws MqttProtocolException {
        MqttMessageType type = packet.fixedHeader().messageType();
        if ((phase == Phase.CONNECTING) != (type == MqttMessageType.CONNACK)) {
            throw new MqttProtocolException(type + " out of turn");
        }
        switch (type) {
            case CONNACK -> welcomed((MqttConnAckMessage) packet, now);
            case PUBLISH -> arrived((MqttPublishMessage) packet, now);
            case PUBACK -> {
                long number = publishes.acknowledged(id(packet));
                if (number >= 0) {
                    events.acknowledged(number);
                }
                flush(now);
            }
            case SUBACK -> {
                MqttSubAckMessage ack = (MqttSubAckMessage) packet;
                String topic = subscribing.remove(ack.variableHeader().messageId());
                if (topic != null) {
                    awaiting = now;
                    var codes = ack.payload().grantedQoSLevels();
                    events.subscribed(topic, codes.size() == 1 && (codes.get(0) & 0x80) == 0);
                }
            }
            case UNSUBACK, PINGRESP -> {}
            default -> throw new MqttProtocolException("a broker does not send " + type);
        }
    }

    private void welcomed(MqttConnAckMessage ack, long now) {
        String refusal = MqttPackets.refusal(ack.variableHeader().connectReturnCode());
        if (!refusal.isEmpty()) {
            fail(refusal);
            return;
        }
        phase = Phase.CONNECTED;
        events.connected();
        topics.forEach(topic -> requestSubscription(topic, now));
        flush(now);
    }

    private void arrived(MqttPublishMessage m, long now) throws MqttProtocolException {
        MqttFixedHeader header = m.fixedHeader();
        if (header.qosLevel() == MqttQoS.EXACTLY_ONCE) {
            throw new MqttProtocolException("QoS 2 was not asked for");
        }
        String topic = m.variableHeader().topicName();
        events.message(topic, MqttCodec.copy(m.payload()), header.isRetain());
        if (header.qosLevel() == MqttQoS.AT_LEAST_ONCE) {
            send(MqttPackets.puback(m.variableHeader().packetId()), now);
        }
    }

    private static int id(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    private void requestSubscription(String topic, long now) {
        if (subscribing.isEmpty()) {
            awaiting = now;
        }
        int id = freeId();
        subscribing.put(id, topic);
        send(MqttPackets.subscribe(id, topic), now);
    }

    private void flush(long now) {
        if (!connected()) {
            return;
        }
        for (PublishQueue.Entry e; (e = publishes.next()) != null; ) {
            boolean repeated = e.packetId != 0;
            if (!repeated) {
                e.packetId = freeId();
            }
            publishes.sent(e, now);
            send(MqttPackets.publish(e, repeated), now);
        }
    }

    private int freeId() {
        do {
            nextId = nextId % 0xffff + 1;
        } while (subscribing.containsKey(nextId) || publishes.uses(nextId));
        return nextId;
    }

    /** To be called when {@link #nextTick} is over, and at any other time. */
    void tick(long now) {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (awaitsAnswer() && now - awaiting >= ANSWER) {
            fail("no answer within " + ANSWER / 1_000_000_000 + " s");
        } else if (publishes.oldest(now) >= 2 * ANSWER) {
            fail("a publish was not acknowledged within " + 2 * ANSWER / 1_000_000_000 + " s");
        } else if (pinging && now - pinged >= ANSWER) {
            fail("no sign of life within " + (keepAlive + ANSWER) / 1_000_000_000 + " s");
        } else if (connected() && !pinging && silent(now) >= keepAlive) {
            send(MqttMessage.PINGREQ, now);
            pinging = true;
            pinged = now;
        }
    }

    /** Nanoseconds from {@code now} until {@link #tick} has something to do. */
    long nextTick(long now) {
        long wait = Long.MAX_VALUE;
        if (phase == Phase.CLOSED) {
            return wait;
        }
        if (awaitsAnswer()) {
            wait = awaiting + ANSWER - now;
        }
        long oldest = publishes.oldest(now);
        if (oldest >= 0) {
            wait = Math.min(wait, 2 * ANSWER - oldest);
        }
        if (pinging) {
            wait = Math.min(wait, pinged + ANSWER - now);
        } else if (connected()) {
            wait = Math.min(wait, keepAlive - silent(now));
        }
        return Math.max(wait, 0);
    }

    private boolean awaitsAnswer() {
        return phase == Phase.CONNECTING || !subscribing.isEmpty();
    }

    /** Probes when either direction is silent: keep-alive counts ours, liveness the broker's. */
    private long silent(long now) {
        return Math.max(now - heard, now - sent);
    }

    private void send(MqttMessage packet, long now) {
        sent = now;
        events.send(codec.encode(packet));
    }

    private void fail(String why) {
        closed();
        events.failed(why);
    }
}
