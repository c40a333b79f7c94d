// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a broker keeps for one client id: its subscriptions, and the QoS 1 messages that the client
 * has not acknowledged. Outlives the connection unless the client asked for a clean session.
 */
final class BrokerSession {
    /** Sent and not acknowledged at a time. */
    static final int IN_FLIGHT = 32;

    /** Messages that wait behind those. */
    static final int MAX_QUEUE = 128;

    private static final int MAX_QUEUE_BYTES = 1 << 20;

    final String clientId;
    final boolean clean;

    /** Filter to granted QoS. */
    final Map<String, Integer> filters = new HashMap<>();

    private final Map<Integer, Message> inFlight = new LinkedHashMap<>();
    private final Deque<Message> queue = new ArrayDeque<>();
    private int queuedBytes;
    private int nextId;
    private BrokerClient client;
    private long offlineSince;

    BrokerSession(String clientId, boolean clean) {
        this.clientId = clientId;
        this.clean = clean;
    }

    /** A message on its way to this client. */
    record Message(String topic, byte[] payload, boolean retained) {}

    BrokerClient client() {
        return client;
    }

    long offlineSince() {
        return offlineSince;
    }

    /** The client is back: repeats what it did not acknowledge (section 4.4). */
    void online(BrokerClient by) {
        client = by;
        inFlight.forEach((id, message) -> client.publish(message, 1, id, true));
        refill();
    }

    void offline(long now) {
        client = null;
        offlineSince = now;
    }

    /**
     * Sends or queues.
     *
     * @return false when it was dropped: the client is away or too slow
     */
    boolean deliver(Message message, int qos) {
        if (qos == 0) {
            if (client == null || client.congested()) {
                return false;
            }
            client.publish(message, 0, 0, false);
            return true;
        }
        int size = message.payload.length;
        if (queue.size() >= MAX_QUEUE || queuedBytes + size > MAX_QUEUE_BYTES) {
            return false;
        }
        queue.add(message);
        queuedBytes += size;
        refill();
        return true;
    }

    void acknowledged(int id) {
        if (inFlight.remove(id) != null) {
            refill();
        }
    }

    private void refill() {
        while (client != null && inFlight.size() < IN_FLIGHT && !queue.isEmpty()) {
            Message message = queue.poll();
            queuedBytes -= message.payload.length;
            do {
                nextId = nextId % 0xffff + 1;
            } while (inFlight.containsKey(nextId));
            inFlight.put(nextId, message);
            client.publish(message, 1, nextId, false);
        }
    }
}
