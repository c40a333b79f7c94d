// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.mqtt.broker.BrokerClient;
import dev.karst.lib.mqtt.broker.BrokerLimits;
import dev.karst.lib.mqtt.broker.BrokerPolicy;
import dev.karst.lib.mqtt.broker.BrokerSocket;
import dev.karst.lib.mqtt.broker.MqttBrokerState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both state machines against each other in virtual time, over connections that cut bytes into
 * pieces, stall and break: each message is acknowledged in the end, and all those that went while
 * the subscriber was there have reached it.
 */
class ClientMeetsBrokerTest {
    private static final long MILLI = 1_000_000L;
    private static final int ROUGH = 3000;

    private long now = -50 * MILLI;
    private int published;
    private Random random;
    private MqttBrokerState broker;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nothingIsLostForGood(long seed) {
        random = new Random(seed);
        broker = new MqttBrokerState(BrokerPolicy.open(), BrokerLimits.defaults());
        End publisher = new End("publisher");
        End subscriber = new End("subscriber");
        subscriber.client.subscribe("t", now);
        for (int i = 0; i < ROUGH || publisher.acknowledged.size() < published; i++) {
            assertTrue(i < 10 * ROUGH, "seed " + seed + ": stuck");
            now += random.nextInt(40) * MILLI;
            boolean calm = i >= ROUGH;
            if (!calm) {
                disturb(publisher, subscriber);
            }
            publisher.turn(calm);
            subscriber.turn(calm);
            broker.tick(now);
        }
        for (int i = 0; i < 50; i++) {
            subscriber.turn(true);
        }
        assertTrue(published > 500, "seed " + seed + ": " + published);
        assertTrue(subscriber.received.cardinality() > published / 2, "seed " + seed);
        BitSet missing = new BitSet();
        missing.set(0, published);
        missing.andNot(subscriber.received);
        missing.andNot(subscriber.excused);
        assertEquals(new BitSet(), missing, "seed " + seed);
    }

    private void disturb(End publisher, End subscriber) {
        if (random.nextInt(3) == 0) {
            byte[] payload = ByteBuffer.allocate(4).putInt(published).array();
            if (publisher.client.publish("t", payload, false, now) > 0) {
                published++;
            }
        }
        if (random.nextInt(60) == 0) {
            publisher.lose();
        }
        if (random.nextInt(600) == 0) {
            subscriber.lose();
        }
    }

    /** A client and its connection. */
    private final class End {
        final Set<Long> acknowledged = new HashSet<>();
        final BitSet received = new BitSet();

        /** What may have passed before the subscription stood (again). */
        final BitSet excused = new BitSet();

        private final Queue<byte[]> up = new ArrayDeque<>();
        private final Queue<byte[]> down = new ArrayDeque<>();
        private final MqttClientState client;
        private BrokerClient connection;

        End(String id) {
            client = new MqttClientState(id, MqttLogin.NONE, Duration.ofSeconds(5), new Events());
        }

        void turn(boolean calm) {
            if (!calm && random.nextInt(5) == 0) {
                return; // the network stalls
            }
            if (connection == null) {
                up.clear();
                down.clear();
                connection = broker.accept(new Socket(), now);
                client.opened(now);
            }
            carry(up, piece -> connection.bytes(piece, now));
            carry(down, piece -> client.bytes(piece, now));
            client.tick(now);
        }

        private void carry(Queue<byte[]> from, Consumer<ByteBuffer> to) {
            for (byte[] b; (b = from.poll()) != null; ) {
                int cut = random.nextInt(b.length + 1);
                give(Arrays.copyOfRange(b, 0, cut), to);
                give(Arrays.copyOfRange(b, cut, b.length), to);
            }
        }

        private void give(byte[] piece, Consumer<ByteBuffer> to) {
            if (connection != null) {
                to.accept(ByteBuffer.wrap(piece));
                Arrays.fill(piece, (byte) 0x55); // valid only during the call
            }
        }

        void lose() {
            if (connection != null) {
                connection.closed(now);
                gone();
            }
        }

        private void gone() {
            connection = null;
            client.closed();
            excused.set(0, published);
        }

        private final class Events implements MqttClientEvents {
            @Override
            public void send(byte[] bytes) {
                up.add(bytes);
            }

            @Override
            public void connected() {}

            @Override
            public void subscribed(String topic, boolean granted) {
                assertTrue(granted);
                excused.set(0, published);
            }

            @Override
            public void message(String topic, byte[] payload, boolean retained) {
                received.set(ByteBuffer.wrap(payload).getInt());
            }

            @Override
            public void acknowledged(long publish) {
                assertTrue(acknowledged.add(publish), "acknowledged once");
            }

            @Override
            public void failed(String why) {
                lose();
            }
        }

        private final class Socket implements BrokerSocket {
            @Override
            public void send(byte[] bytes) {
                down.add(bytes);
            }

            @Override
            public boolean congested() {
                return false;
            }

            @Override
            public void reading(boolean on) {}

            @Override
            public void close() {
                gone();
            }
        }
    }
}
