// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.mqtt.testing.Mutations;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hostile clients beside an honest pair: the pair does not notice and nothing grows. */
class MqttBrokerFuzzTest {
    private static final BrokerLimits LIMITS =
            new BrokerLimits(6, 20, 4000, 5, 1_000_000, 1_000_000, 3, Duration.ofMinutes(1));

    private final Map<String, Integer> counters = new HashMap<>();

    @Test
    void survivesAnything() {
        long seed = 20_260_102;
        Random random = new Random(seed);
        Mutations hostile = new Mutations(random);
        MqttBrokerState broker = new MqttBrokerState(policy(), LIMITS);
        TestClient honest = TestClient.connected(broker, "honest", true);
        honest.subscribe(1, "honest/+");
        honest.take();
        Sink[] sinks = new Sink[4];
        BrokerClient[] clients = new BrokerClient[4];
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            int k = random.nextInt(4);
            int step = i;
            try {
                if (clients[k] == null || sinks[k].closed || random.nextInt(100) == 0) {
                    if (clients[k] != null) {
                        clients[k].closed(now);
                    }
                    sinks[k] = new Sink();
                    clients[k] = broker.accept(sinks[k], now);
                    if (random.nextInt(4) > 0) {
                        clients[k].bytes(ByteBuffer.wrap(CONNECT), now);
                    }
                }
                clients[k].bytes(ByteBuffer.wrap(hostile.next()), now);
                now += random.nextInt(10_000_000);
                honest.now = now;
                if (i % 50 == 0) {
                    broker.tick(now);
                    honest.publish("honest/x", "hello", 0, false);
                    assertEquals("[PUBLISH honest/x=hello]", honest.take().toString());
                }
                assertTrue(broker.clients() <= 5 && broker.retained() <= 20);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " step " + step, e);
            }
        }
        assertEquals(null, counters.get("broker.closed.error"), "no packet may break our code");
        assertTrue(counters.get("broker.closed.protocol") > 100, counters::toString);
        assertTrue(counters.get("published") > 100, counters::toString);
    }

    /** MQTT 3.1.1, clean session, keep-alive 10 s, client id "f". */
    private static final byte[] CONNECT = {
        0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 1, 'f'
    };

    private BrokerPolicy policy() {
        return new BrokerPolicy() {
            @Override
            public boolean login(Optional<String> user, Optional<byte[]> password) {
                return true;
            }

            @Override
            public boolean subscribe(String filter) {
                return true;
            }

            @Override
            public Decision publish(
                    String topic, byte[] payload, boolean retain, Optional<byte[]> retained) {
                count("published");
                return Decision.pass();
            }

            @Override
            public void count(String name) {
                counters.merge(name, 1, Integer::sum);
            }
        };
    }

    private static final class Sink implements BrokerSocket {
        boolean closed;

        @Override
        public void send(byte[] bytes) {}

        @Override
        public boolean congested() {
            return false;
        }

        @Override
        public void reading(boolean on) {}

        @Override
        public void close() {
            closed = true;
        }
    }
}
