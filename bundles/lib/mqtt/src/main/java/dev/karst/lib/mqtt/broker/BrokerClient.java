// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import dev.karst.lib.mqtt.MqttCodec;
import dev.karst.lib.mqtt.MqttProtocolException;
import dev.karst.lib.mqtt.Topics;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/** One connection to a {@link MqttBrokerState}, on the broker's thread. */
public final class BrokerClient {
    private static final System.Logger LOG = System.getLogger(BrokerClient.class.getName());

    /** Longest client id, in characters. */
    private static final int MAX_CLIENT_ID = 128;

    /** For CONNECT after the connection stands. */
    private static final long GREETING = Duration.ofSeconds(10).toNanos();

    /** Silence that is borne from clients that named no keep-alive. */
    private static final long IDLE = Duration.ofMinutes(30).toNanos();

    private final MqttBrokerState broker;
    private final BrokerSocket socket;
    private final MqttCodec codec = new MqttCodec();
    private final Rate rate;
    private BrokerSession session;
    private boolean over;
    private boolean paused;
    private long heard;
    private long patience = GREETING;

    BrokerClient(MqttBrokerState broker, BrokerSocket socket, long now) {
        this.broker = broker;
        this.socket = socket;
        this.heard = now;
        BrokerLimits limits = broker.limits();
        rate = new Rate(limits.packetsPerSecond(), limits.burst(), now);
    }

    BrokerSession session() {
        return session;
    }

    boolean congested() {
        return socket.congested();
    }

    /** Bytes came from the client. */
    public void bytes(ByteBuffer bytes, long now) {
        if (over) {
            return;
        }
        try {
            codec.decode(bytes, packet -> packet(packet, now));
        } catch (MqttProtocolException e) {
            end(e.getMessage(), "protocol", now);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a packet broke the broker's code", e);
            end("internal error", "error", now);
        }
        if (!over && !rate.spend(0, now) && !paused) {
            paused = true;
            broker.policy().count("broker.slowed");
            socket.reading(false);
        }
    }

    /** The connection is gone. */
    public void closed(long now) {
        if (!over) {
            over = true;
            codec.close();
            broker.gone(this, now);
        }
    }

    void tick(long now) {
        if (paused && rate.spend(0, now)) {
            paused = false;
            socket.reading(true);
        }
        if (!over && now - heard > patience) {
            end("silent for too long", "silent", now);
        }
    }

    /** Ends the connection from this side. */
    void end(String why, String counter, long now) {
        if (!over) {
            broker.policy().count("broker.closed." + counter);
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", socket, why);
            closed(now);
            socket.close();
        }
    }

    private void packet(MqttMessage packet, long now) throws MqttProtocolException {
        heard = now;
        rate.spend(1, now);
        MqttMessageType type = packet.fixedHeader().messageType();
        if ((session == null) != (type == MqttMessageType.CONNECT)) {
            throw new MqttProtocolException(type + " out of turn");
        }
        switch (type) {
            case CONNECT -> connect((MqttConnectMessage) packet, now);
            case PUBLISH -> published((MqttPublishMessage) packet, now);
            case PUBACK -> session.acknowledged(id(packet));
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet, now);
            case UNSUBSCRIBE -> {
                for (String filter : ((MqttUnsubscribeMessage) packet).payload().topics()) {
                    broker.unsubscribe(session, filter);
                }
                send(MqttMessageBuilders.unsubAck().packetId(id(packet)).build());
            }
            case PINGREQ -> send(MqttMessage.PINGRESP);
            case DISCONNECT -> {
                closed(now);
                socket.close();
            }
            default -> throw new MqttProtocolException("a client does not send " + type);
        }
    }

    private void connect(MqttConnectMessage m, long now) throws MqttProtocolException {
        var header = m.variableHeader();
        if (header.version() != MqttVersion.MQTT_3_1_1.protocolLevel()) {
            refuse(
                    header.version() == MqttVersion.MQTT_5.protocolLevel()
                            ? MqttConnectReturnCode.CONNECTION_REFUSED_UNSUPPORTED_PROTOCOL_VERSION
                            : MqttConnectReturnCode
                                    .CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION,
                    "version",
                    now);
            return;
        }
        Optional<String> user =
                header.hasUserName() ? Optional.of(m.payload().userName()) : Optional.empty();
        Optional<byte[]> password =
                header.hasPassword()
                        ? Optional.of(m.payload().passwordInBytes())
                        : Optional.empty();
        if (!broker.policy().login(user, password)) {
            refuse(
                    user.isPresent()
                            ? MqttConnectReturnCode.CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD
                            : MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED,
                    "login",
                    now);
            return;
        }
        String id = m.payload().clientIdentifier();
        if (id.length() > MAX_CLIENT_ID || id.isEmpty() && !header.isCleanSession()) {
            refuse(MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED, "id", now);
            return;
        }
        int seconds = header.keepAliveTimeSeconds();
        patience = seconds == 0 ? IDLE : Duration.ofMillis(seconds * 1500L).toNanos();
        MqttBrokerState.Joined joined = broker.join(id, header.isCleanSession(), now);
        session = joined.session();
        send(
                MqttMessageBuilders.connAck()
                        .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                        .sessionPresent(joined.present())
                        .build());
        session.online(this);
    }

    private void refuse(MqttConnectReturnCode code, String counter, long now) {
        send(MqttMessageBuilders.connAck().returnCode(code).build());
        end("refused: " + code, counter, now);
    }

    private void published(MqttPublishMessage m, long now) throws MqttProtocolException {
        MqttFixedHeader header = m.fixedHeader();
        String topic = m.variableHeader().topicName();
        if (header.qosLevel() == MqttQoS.EXACTLY_ONCE) {
            throw new MqttProtocolException("this broker has no QoS 2");
        }
        if (!Topics.validName(topic)) {
            throw new MqttProtocolException("not a topic");
        }
        byte[] payload = MqttCodec.copy(m.payload());
        int qos = header.qosLevel().value();
        BrokerPolicy.Decision decision =
                broker.publish(topic, payload, qos, header.isRetain(), now);
        rate.spend(decision.cost(), now);
        if (!decision.refusal().isEmpty()) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "{0}: publish to {1} refused: {2}",
                    socket,
                    topic,
                    decision.refusal());
        }
        if (!over && qos == 1) {
            send(MqttMessageBuilders.pubAck().packetId(m.variableHeader().packetId()).build());
        }
    }

    private void subscribe(MqttSubscribeMessage m, long now) throws MqttProtocolException {
        var ack = MqttMessageBuilders.subAck().packetId(m.variableHeader().messageId());
        var wanted = m.payload().topicSubscriptions();
        if (wanted.isEmpty()) {
            throw new MqttProtocolException("an empty subscription");
        }
        boolean[] granted = new boolean[wanted.size()];
        for (int i = 0; i < granted.length; i++) {
            MqttTopicSubscription s = wanted.get(i);
            rate.spend(1, now);
            int qos = Math.min(s.qualityOfService().value(), 1);
            granted[i] = broker.subscribe(session, s.topicFilter(), qos);
            ack.addGrantedQos(granted[i] ? MqttQoS.valueOf(qos) : MqttQoS.FAILURE);
        }
        send(ack.build());
        for (int i = 0; i < granted.length; i++) {
            if (granted[i]) {
                broker.sendRetained(session, wanted.get(i).topicFilter(), now);
            }
        }
    }

    private static int id(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    void publish(BrokerSession.Message m, int qos, int id, boolean repeated) {
        send(
                new MqttPublishMessage(
                        new MqttFixedHeader(
                                MqttMessageType.PUBLISH,
                                repeated,
                                MqttQoS.valueOf(qos),
                                m.retained(),
                                0),
                        new MqttPublishVariableHeader(m.topic(), id),
                        MqttCodec.payload(m.payload())));
    }

    private void send(MqttMessage packet) {
        if (!over) {
            socket.send(codec.encode(packet));
        }
    }
}
