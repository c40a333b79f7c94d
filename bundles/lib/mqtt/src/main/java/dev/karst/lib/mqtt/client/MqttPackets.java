// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import dev.karst.lib.mqtt.MqttCodec;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;

/** The packets that a client sends, and what a broker's refusals mean. */
final class MqttPackets {
    private MqttPackets() {}

    static MqttMessage connect(String clientId, MqttLogin login, int keepAliveSeconds) {
        var connect =
                MqttMessageBuilders.connect()
                        .protocolVersion(MqttVersion.MQTT_3_1_1)
                        .clientId(clientId)
                        .cleanSession(true)
                        .keepAlive(keepAliveSeconds);
        login.user()
                .ifPresent(
                        user ->
                                connect.hasUser(true)
                                        .username(user)
                                        .hasPassword(true)
                                        .password(login.password()));
        return connect.build();
    }

    static MqttMessage subscribe(int id, String topic) {
        return MqttMessageBuilders.subscribe()
                .messageId(id)
                .addSubscription(MqttQoS.AT_LEAST_ONCE, topic)
                .build();
    }

    static MqttMessage unsubscribe(int id, String topic) {
        return MqttMessageBuilders.unsubscribe().messageId(id).addTopicFilter(topic).build();
    }

    static MqttMessage publish(PublishQueue.Entry e, boolean repeated) {
        return new MqttPublishMessage(
                new MqttFixedHeader(
                        MqttMessageType.PUBLISH, repeated, MqttQoS.AT_LEAST_ONCE, e.retain, 0),
                new MqttPublishVariableHeader(e.topic, e.packetId),
                MqttCodec.payload(e.payload));
    }

    static MqttMessage puback(int id) {
        return MqttMessageBuilders.pubAck().packetId(id).build();
    }

    /** Section 3.2.2.3 in words; empty when the broker accepted. */
    static String refusal(MqttConnectReturnCode code) {
        return switch (code) {
            case CONNECTION_ACCEPTED -> "";
            case CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION ->
                    "the broker does not speak MQTT 3.1.1";
            case CONNECTION_REFUSED_IDENTIFIER_REJECTED -> "the broker refused the client id";
            case CONNECTION_REFUSED_SERVER_UNAVAILABLE -> "the broker is not ready";
            case CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD ->
                    "the broker refused the user name or password";
            case CONNECTION_REFUSED_NOT_AUTHORIZED ->
                    "the broker refused this client (user name or password?)";
            default -> "the broker refused: " + code;
        };
    }
}
