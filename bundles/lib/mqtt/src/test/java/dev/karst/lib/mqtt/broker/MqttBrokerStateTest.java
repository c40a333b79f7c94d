// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MqttBrokerStateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final BrokerLimits SMALL =
            new BrokerLimits(3, 2, 200, 2, 10, 100, 1, Duration.ofMinutes(1));

    private final Policy policy = new Policy();
    private final MqttBrokerState broker = new MqttBrokerState(policy, SMALL);

    private static final class Policy implements BrokerPolicy {
        final Map<String, Integer> counters = new HashMap<>();
        Duration lifetime = Duration.ZERO;

        @Override
        public boolean login(Optional<String> user, Optional<byte[]> password) {
            return user.equals(Optional.of("u")) && new String(password.orElseThrow()).equals("p");
        }

        @Override
        public boolean subscribe(String filter) {
            return !filter.startsWith("secret");
        }

        @Override
        public Decision publish(
                String topic, byte[] payload, boolean retain, Optional<byte[]> retained) {
            return topic.startsWith("secret")
                    ? Decision.refuse("secret", 0)
                    : Decision.keep(lifetime, 0);
        }

        @Override
        public void count(String name) {
            counters.merge(name, 1, Integer::sum);
        }
    }

    private TestClient client(String id) {
        TestClient c = TestClient.connected(broker, id, true);
        assertEquals(List.of("CONNACK 0"), c.take());
        return c;
    }

    @Test
    void carriesMessagesAtTheLowerQos() {
        TestClient a = client("a");
        TestClient b = client("b");
        a.subscribe(1, "x/+");
        a.subscribe(0, "x/y");
        b.publish("x/y", "1", 1, false);
        b.publish("x/y", "2", 0, false);
        b.publish("y", "3", 1, false);
        assertEquals(List.of("PUBACK 7", "PUBACK 7"), b.take());
        assertEquals(
                List.of("SUBACK 3 [1]", "SUBACK 3 [0]", "PUBLISH 1 x/y=1", "PUBLISH x/y=2"),
                a.take());
        a.in(MqttMessageBuilders.unsubscribe().messageId(4).addTopicFilter("x/+").build());
        b.publish("x/z", "4", 0, false);
        assertEquals(List.of("UNSUBACK 4"), a.take());
    }

    @Test
    void retainsReplacesErasesAndForgets() {
        TestClient a = client("a");
        a.publish("t", "1", 0, true);
        a.publish("t", "2", 0, true);
        a.subscribe(1, "#");
        assertEquals(List.of("SUBACK 3 [1]", "PUBLISH 1 retain t=2"), a.take());
        a.publish("t", "", 0, true);
        assertEquals(List.of("PUBLISH t="), a.take());
        assertEquals(0, broker.retained());
        policy.lifetime = Duration.ofSeconds(5);
        a.publish("u", "3", 0, true);
        broker.tick(4 * SECOND);
        assertEquals(1, broker.retained());
        broker.tick(5 * SECOND);
        assertEquals(0, broker.retained());
    }

    @Test
    void boundsWhatItRetains() {
        TestClient a = client("a");
        a.publish("t", "1", 0, true);
        a.publish("u", "1", 0, true);
        a.publish("v", "1", 0, true);
        assertEquals(2, broker.retained());
        a.publish("u", "x".repeat(200), 0, true);
        a.publish("t", "2", 0, true);
        assertEquals(2, policy.counters.get("broker.refused.full"));
        a.subscribe(0, "#");
        assertEquals(
                List.of("PUBLISH retain t=2", "PUBLISH retain u=1", "SUBACK 3 [0]"),
                a.take().stream().sorted().toList());
    }

    @Test
    void keepsASessionAndRepeats() {
        TestClient a = TestClient.connected(broker, "a", false);
        a.subscribe(1, "t");
        TestClient b = client("b");
        b.publish("t", "1", 1, false);
        a.lose();
        b.publish("t", "2", 1, false);
        b.publish("t", "3", 0, false);
        a.take();
        a = TestClient.connected(broker, "a", false);
        assertEquals(List.of("CONNACK 0 present", "PUBLISH 1 dup t=1", "PUBLISH 2 t=2"), a.take());
        a.puback(1);
        a.puback(2);
        a.lose();
        a = TestClient.connected(broker, "a", true);
        assertEquals(List.of("CONNACK 0"), a.take());
        b.publish("t", "4", 1, false);
        assertEquals(List.of(), a.take());
    }

    @Test
    void forgetsSessionsInTime() {
        TestClient.connected(broker, "a", false).lose();
        TestClient.connected(broker, "b", false).lose();
        TestClient a = TestClient.connected(broker, "a", true);
        assertEquals(List.of("CONNACK 0"), a.take(), "one is kept, the latest");
        broker.tick(59 * SECOND);
        TestClient b = TestClient.connected(broker, "b", false);
        assertEquals(List.of("CONNACK 0 present"), b.take());
        b.lose();
        broker.tick(61 * SECOND);
        assertEquals(List.of("CONNACK 0"), TestClient.connected(broker, "b", false).take());
    }

    @Test
    void theLastWithAnIdHasIt() {
        TestClient first = client("a");
        first.subscribe(0, "t");
        first.take();
        TestClient second = client("a");
        assertEquals(List.of("closed"), first.take());
        first.publish("t", "ghost", 0, false);
        second.subscribe(0, "t");
        second.publish("t", "1", 0, false);
        assertEquals(List.of("SUBACK 3 [0]", "PUBLISH t=1"), second.take());
        first.lose();
        second.in(MqttMessage.PINGREQ);
        assertEquals(List.of("PINGRESP"), second.take());
        assertEquals(1, broker.clients());
    }

    @Test
    void refusesStrangersAndOtherVersions() {
        TestClient c = new TestClient(broker, 0);
        c.in(MqttMessageBuilders.connect().clientId("x").build());
        assertEquals(List.of("CONNACK 5", "closed"), c.take());
        c = new TestClient(broker, 0);
        c.in(
                MqttMessageBuilders.connect()
                        .clientId("x")
                        .hasUser(true)
                        .username("u")
                        .hasPassword(true)
                        .password(new byte[] {'q'})
                        .build());
        assertEquals(List.of("CONNACK 4", "closed"), c.take());
        c = new TestClient(broker, 0).connect("x", true, MqttVersion.MQTT_5);
        assertEquals(List.of("CONNACK -124", "closed"), c.take());
        c = new TestClient(broker, 0).connect("x", true, MqttVersion.MQTT_3_1);
        assertEquals(List.of("CONNACK 1", "closed"), c.take());
        c = new TestClient(broker, 0).connect("", false, MqttVersion.MQTT_3_1_1);
        assertEquals(List.of("CONNACK 2", "closed"), c.take());
        assertEquals(0, broker.clients());
        client("");
        client("");
    }

    @Test
    void refusesWhatThePolicyRefuses() {
        TestClient a = client("a");
        a.subscribe(1, "secret/x");
        a.subscribe(1, "a/#/b");
        a.subscribe(1, "secret");
        a.subscribe(1, "#");
        assertEquals(
                List.of("SUBACK 3 [128]", "SUBACK 3 [128]", "SUBACK 3 [128]", "SUBACK 3 [1]"),
                a.take());
        a.publish("secret/x", "1", 1, true);
        assertEquals(List.of("PUBACK 7"), a.take());
        assertEquals(1, policy.counters.get("broker.refused.publish"));
        a.subscribe(1, "2");
        a.subscribe(1, "3");
        assertEquals(List.of("SUBACK 3 [1]", "SUBACK 3 [128]"), a.take());
    }

    @Test
    void endsTheSilentTheManyAndTheWrong() {
        TestClient mute = new TestClient(broker, 0);
        TestClient quiet = client("q");
        broker.tick(10 * SECOND + 1);
        assertEquals(List.of("closed"), mute.take());
        quiet.now = 10 * SECOND;
        quiet.in(MqttMessage.PINGREQ);
        broker.tick(25 * SECOND);
        assertEquals(List.of("PINGRESP"), quiet.take());
        broker.tick(25 * SECOND + 1);
        assertEquals(List.of("closed"), quiet.take());
        client("1");
        TestClient wrong = client("2");
        client("3");
        assertEquals(List.of("closed"), new TestClient(broker, 0).take());
        wrong.publish("t", "1", 2, false);
        assertEquals(List.of("closed"), wrong.take());
        assertEquals(2, broker.clients());
    }

    @Test
    void slowsDownWhoeverTalksTooMuch() {
        TestClient a = client("a");
        byte[] ping = {(byte) 0xc0, 0};
        byte[] pings = new byte[400];
        for (int i = 0; i < pings.length; i++) {
            pings[i] = ping[i % 2];
        }
        a.raw(pings);
        List<String> answers = a.take();
        assertEquals("reading false", answers.get(200), "nothing of a read is lost");
        broker.tick(5 * SECOND);
        assertEquals(List.of(), a.take());
        broker.tick(11 * SECOND);
        assertEquals(List.of("reading true"), a.take());
    }

    @Test
    void boundsWhatWaitsForASlowClient() {
        TestClient a = client("a");
        a.subscribe(1, "t");
        TestClient b = TestClient.connected(broker, "b", true);
        int more = 10;
        for (int i = 0; i < BrokerSession.IN_FLIGHT + BrokerSession.MAX_QUEUE + more; i++) {
            b.publish("t", "x", 1, false);
        }
        assertEquals(more, policy.counters.get("broker.dropped"));
        assertEquals(1 + BrokerSession.IN_FLIGHT, a.take().size());
        a.puback(5);
        assertEquals(List.of("PUBLISH 33 t=x"), a.take());
        a.congested = true;
        b.publish("t", "x", 0, false);
        assertEquals(List.of(), a.take());
        assertTrue(policy.counters.get("broker.dropped") > more);
    }
}
