// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.mqtt.testing.Mutations;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A hostile broker: whatever it sends, the client goes on or says why not, and stays bounded. */
class MqttClientFuzzTest {
    @Test
    void survivesAnything() {
        long seed = 20_260_101;
        Random random = new Random(seed);
        Mutations broker = new Mutations(random);
        Counting events = new Counting();
        MqttClientState client =
                new MqttClientState("me", MqttLogin.NONE, Duration.ofSeconds(30), events);
        long now = random.nextLong();
        client.subscribe("t", now);
        for (int i = 0; i < 20_000; i++) {
            int step = i;
            try {
                if (events.failed) {
                    events.failed = false;
                    client.opened(now);
                    if (random.nextBoolean()) {
                        client.bytes(ByteBuffer.wrap(new byte[] {0x20, 2, 0, 0}), now);
                    }
                }
                client.bytes(ByteBuffer.wrap(broker.next()), now);
                if (random.nextInt(4) == 0) {
                    long number = client.publish("t", new byte[9], random.nextBoolean(), now);
                    if (random.nextInt(4) == 0) {
                        client.forget(number);
                    }
                }
                now += random.nextInt(1_000_000_000);
                assertTrue(client.nextTick(now) >= 0);
                client.tick(now);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " step " + step, e);
            }
        }
        assertTrue(events.messages > 100, "the fuzzer gets through: " + events.messages);
        assertTrue(events.failures > 100, "and trips: " + events.failures);
    }

    private static final class Counting implements MqttClientEvents {
        boolean failed = true;
        int failures;
        int messages;

        @Override
        public void send(byte[] bytes) {}

        @Override
        public void connected() {}

        @Override
        public void subscribed(String topic, boolean granted) {}

        @Override
        public void message(String topic, byte[] payload, boolean retained) {
            messages++;
        }

        @Override
        public void acknowledged(long publish) {}

        @Override
        public void failed(String why) {
            failed = true;
            failures++;
        }
    }
}
