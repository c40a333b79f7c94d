// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.mqtt.MqttCodec;
import dev.karst.lib.mqtt.testing.Recorder;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MqttClientStateTest {
    private static final long SECOND = 1_000_000_000L;

    private final Recorder out = new Recorder();
    private final MqttClientState client =
            new MqttClientState(
                    "me", MqttLogin.of("u", "p"), Duration.ofSeconds(30), new Notes(out));
    private long now = -3 * SECOND; // nanoTime may be negative and crosses zero here

    record Notes(Recorder out) implements MqttClientEvents {
        @Override
        public void send(byte[] bytes) {
            out.bytes(bytes);
        }

        @Override
        public void connected() {
            out.note("connected");
        }

        @Override
        public void subscribed(String topic, boolean granted) {
            out.note("subscribed " + topic + " " + granted);
        }

        @Override
        public void message(String topic, byte[] payload, boolean retained) {
            String text = new String(payload, StandardCharsets.UTF_8);
            out.note("message " + topic + "=" + text + (retained ? " retained" : ""));
        }

        @Override
        public void acknowledged(long publish) {
            out.note("acknowledged " + publish);
        }

        @Override
        public void failed(String why) {
            out.note("failed " + why);
        }
    }

    private void in(MqttMessage packet) {
        client.bytes(ByteBuffer.wrap(out.encode(packet)), now);
    }

    private void connack(MqttConnectReturnCode code) {
        in(MqttMessageBuilders.connAck().returnCode(code).build());
    }

    private void connect() {
        client.opened(now);
        connack(MqttConnectReturnCode.CONNECTION_ACCEPTED);
    }

    private static byte[] text(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void introducesItself() {
        connect();
        assertEquals(List.of("CONNECT me u:p", "connected"), out.take());
    }

    @Test
    void tellsWhyItWasRefused() {
        client.opened(now);
        connack(MqttConnectReturnCode.CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD);
        assertEquals(
                List.of("CONNECT me u:p", "failed the broker refused the user name or password"),
                out.take());
        assertFalse(client.connected());
    }

    @Test
    void subscribesNowAndAfterEachConnect() {
        client.subscribe("t", now);
        connect();
        in(MqttMessageBuilders.subAck().packetId(1).addGrantedQos(MqttQoS.AT_LEAST_ONCE).build());
        assertEquals(
                List.of("CONNECT me u:p", "connected", "SUBSCRIBE 1 t", "subscribed t true"),
                out.take());
        client.closed();
        connect();
        in(MqttMessageBuilders.subAck().packetId(2).addGrantedQos(MqttQoS.FAILURE).build());
        assertEquals(
                List.of("CONNECT me u:p", "connected", "SUBSCRIBE 2 t", "subscribed t false"),
                out.take());
        client.unsubscribe("t", now);
        client.unsubscribe("t", now);
        assertEquals(List.of("UNSUBSCRIBE t"), out.take());
    }

    @Test
    void repeatsUnacknowledgedPublishesMarkedAsSuch() {
        client.publish("t", text("one"), false, now);
        client.publish("t", text("two"), true, now);
        connect();
        in(MqttMessageBuilders.pubAck().packetId(2).build());
        assertEquals(
                List.of(
                        "CONNECT me u:p",
                        "connected",
                        "PUBLISH 1 t=one",
                        "PUBLISH 2 retain t=two",
                        "acknowledged 2"),
                out.take());
        client.closed();
        connect();
        assertEquals(List.of("CONNECT me u:p", "connected", "PUBLISH 1 dup t=one"), out.take());
    }

    @Test
    void boundsWhatIsOnTheWayAndWhatWaits() {
        connect();
        out.take();
        for (int i = 0; i < MqttClientState.MAX_PENDING; i++) {
            assertTrue(client.publish("t", text("x"), false, now) > 0);
        }
        assertEquals(-1, client.publish("t", text("x"), false, now));
        assertEquals(MqttClientState.IN_FLIGHT, out.take().size());
        in(MqttMessageBuilders.pubAck().packetId(1).build());
        assertEquals(List.of("acknowledged 1", "PUBLISH 17 t=x"), out.take());
        client.forget(2);
        in(MqttMessageBuilders.pubAck().packetId(2).build());
        assertEquals(List.of("PUBLISH 18 t=x"), out.take());
    }

    @Test
    void acknowledgesWhatItGot() {
        connect();
        out.take();
        in(
                MqttMessageBuilders.publish()
                        .qos(MqttQoS.AT_LEAST_ONCE)
                        .messageId(9)
                        .topicName("t")
                        .retained(true)
                        .payload(MqttCodec.payload(text("hi")))
                        .build());
        assertEquals(List.of("message t=hi retained", "PUBACK 9"), out.take());
    }

    @Test
    void probesASilentBrokerAndGivesUp() {
        connect();
        out.take();
        assertEquals(30 * SECOND, client.nextTick(now));
        now += 30 * SECOND;
        client.tick(now);
        assertEquals(List.of("PINGREQ"), out.take());
        in(MqttMessage.PINGRESP);
        now += 29 * SECOND;
        client.publish("t", text("x"), false, now); // our own talk does not prove its life
        in(MqttMessageBuilders.pubAck().packetId(1).build());
        now += 30 * SECOND;
        client.tick(now);
        now += 10 * SECOND;
        client.tick(now);
        assertEquals(
                List.of(
                        "PUBLISH 1 t=x",
                        "acknowledged 1",
                        "PINGREQ",
                        "failed no sign of life within 40 s"),
                out.take());
        assertEquals(Long.MAX_VALUE, client.nextTick(now));
    }

    @Test
    void givesUpWithoutAnswers() {
        client.opened(now);
        now += client.nextTick(now);
        client.tick(now);
        assertEquals(List.of("CONNECT me u:p", "failed no answer within 10 s"), out.take());
        connect();
        client.subscribe("t", now);
        now += client.nextTick(now);
        client.tick(now);
        assertTrue(out.take().contains("failed no answer within 10 s"));
        client.unsubscribe("t", now);
        connect();
        client.publish("t", text("x"), false, now);
        now += client.nextTick(now);
        client.tick(now);
        assertTrue(out.take().contains("failed a publish was not acknowledged within 20 s"));
    }

    @Test
    void endsAtNonsense() {
        connect();
        out.take();
        in(MqttMessage.PINGREQ);
        assertEquals(List.of("failed a broker does not send PINGREQ"), out.take());
        connect();
        connack(MqttConnectReturnCode.CONNECTION_ACCEPTED);
        assertTrue(out.take().contains("failed CONNACK out of turn"));
        connect();
        out.take();
        byte[] huge = {0x30, (byte) 0xff, (byte) 0xff, 0x7f}; // 2 MiB announced
        client.bytes(ByteBuffer.wrap(huge), now);
        client.bytes(ByteBuffer.wrap(new byte[100]), now);
        String failure = out.take().get(0);
        assertTrue(failure.startsWith("failed not MQTT"), failure);
    }
}
