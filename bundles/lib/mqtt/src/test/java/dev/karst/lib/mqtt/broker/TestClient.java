// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import dev.karst.lib.mqtt.MqttCodec;
import dev.karst.lib.mqtt.testing.Recorder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Packets by hand towards a broker state. */
final class TestClient implements BrokerSocket {
    private final Recorder out = new Recorder();
    private final BrokerClient end;
    long now;
    boolean congested;

    TestClient(MqttBrokerState broker, long now) {
        this.now = now;
        end = broker.accept(this, now);
    }

    static TestClient connected(MqttBrokerState broker, String id, boolean clean) {
        TestClient c = new TestClient(broker, 0);
        c.connect(id, clean, MqttVersion.MQTT_3_1_1);
        return c;
    }

    TestClient connect(String id, boolean clean, MqttVersion version) {
        in(
                MqttMessageBuilders.connect()
                        .clientId(id)
                        .cleanSession(clean)
                        .keepAlive(10)
                        .hasUser(true)
                        .username("u")
                        .hasPassword(true)
                        .password("p".getBytes(StandardCharsets.UTF_8))
                        .protocolVersion(version)
                        .build());
        return this;
    }

    void in(MqttMessage packet) {
        raw(out.encode(packet));
    }

    void raw(byte[] bytes) {
        end.bytes(ByteBuffer.wrap(bytes), now);
    }

    void publish(String topic, String text, int qos, boolean retain) {
        in(
                MqttMessageBuilders.publish()
                        .topicName(topic)
                        .retained(retain)
                        .qos(MqttQoS.valueOf(qos))
                        .messageId(7)
                        .payload(MqttCodec.payload(text.getBytes(StandardCharsets.UTF_8)))
                        .build());
    }

    void subscribe(int qos, String filter) {
        in(
                MqttMessageBuilders.subscribe()
                        .messageId(3)
                        .addSubscription(MqttQoS.valueOf(qos), filter)
                        .build());
    }

    void puback(int id) {
        in(MqttMessageBuilders.pubAck().packetId(id).build());
    }

    void lose() {
        end.closed(now);
    }

    List<String> take() {
        return out.take();
    }

    @Override
    public void send(byte[] bytes) {
        out.bytes(bytes);
    }

    @Override
    public boolean congested() {
        return congested;
    }

    @Override
    public void reading(boolean on) {
        out.note("reading " + on);
    }

    @Override
    public void close() {
        out.note("closed");
    }
}
