// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.testing;

import dev.karst.lib.mqtt.MqttCodec;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Bytes that are almost MQTT: random, valid, and valid with a few bytes changed or cut off. */
public final class Mutations {
    private static final String[] TOPICS = {"t", "u", "a/b", "#", "+/b", "$SYS/x", "a//b", ""};

    private final MqttCodec codec = new MqttCodec();
    private final Random random;

    public Mutations(Random random) {
        this.random = random;
    }

    public byte[] next() {
        if (random.nextInt(8) == 0) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] bytes = valid();
        if (random.nextInt(3) == 0) {
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
        }
        if (random.nextInt(10) == 0) {
            bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        return bytes;
    }

    private byte[] valid() {
        try {
            return codec.encode(packet());
        } catch (RuntimeException e) {
            return new byte[] {(byte) 0xc0, 0}; // the encoder would not write it
        }
    }

    private MqttMessage packet() {
        int id = 1 + random.nextInt(20);
        String topic = TOPICS[random.nextInt(TOPICS.length)];
        MqttQoS qos = MqttQoS.valueOf(random.nextInt(20) == 0 ? 2 : random.nextInt(2));
        return switch (random.nextInt(12)) {
            case 0 -> MqttMessage.PINGREQ;
            case 1 -> MqttMessage.PINGRESP;
            case 2 -> random.nextInt(5) == 0 ? MqttMessage.DISCONNECT : MqttMessage.PINGREQ;
            case 3 -> MqttMessageBuilders.pubAck().packetId(id).build();
            case 4 ->
                    MqttMessageBuilders.subscribe()
                            .messageId(id)
                            .addSubscription(qos, topic)
                            .build();
            case 5 -> MqttMessageBuilders.unsubscribe().messageId(id).addTopicFilter(topic).build();
            case 6 -> MqttMessageBuilders.subAck().packetId(id).addGrantedQos(qos).build();
            case 7 ->
                    MqttMessageBuilders.connAck()
                            .returnCode(MqttConnectReturnCode.valueOf((byte) random.nextInt(6)))
                            .build();
            case 8 ->
                    MqttMessageBuilders.connect()
                            .clientId("c" + random.nextInt(4))
                            .cleanSession(random.nextBoolean())
                            .keepAlive(random.nextInt(100))
                            .build();
            default ->
                    MqttMessageBuilders.publish()
                            .topicName(topic)
                            .qos(qos)
                            .messageId(id)
                            .retained(random.nextBoolean())
                            .payload(
                                    MqttCodec.payload(
                                            "x"
                                                    .repeat(random.nextInt(300))
                                                    .getBytes(StandardCharsets.UTF_8)))
                            .build();
        };
    }
}
