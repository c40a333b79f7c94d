// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import dev.karst.lib.mqtt.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An MQTT 3.1.1 broker with QoS 0 and 1, retained messages and sessions, bounded in everything. No
 * QoS 2 (such a publish ends the connection), and wills are taken and not carried out. Not
 * thread-safe: one thread, or one world, drives it. Times are readings of {@code System.nanoTime()}
 * or its simulated like.
 */
public final class MqttBrokerState {
    private final BrokerPolicy policy;
    private final BrokerLimits limits;
    private final RetainedStore retained;
    private final SubscriptionTable subscriptions = new SubscriptionTable();
    private final Set<BrokerClient> clients = new LinkedHashSet<>();
    private final Map<String, BrokerSession> sessions = new HashMap<>();

    /** Kept sessions whose clients are away, the longest first. */
    private final Map<String, BrokerSession> offline = new LinkedHashMap<>();

    private long unnamed;

    public MqttBrokerState(BrokerPolicy policy, BrokerLimits limits) {
        this.policy = policy;
        this.limits = limits;
        retained = new RetainedStore(limits.retained(), limits.retainedBytes());
    }

    /** A connection came in; above the limit it is closed at once. */
    public BrokerClient accept(BrokerSocket socket, long now) {
        BrokerClient client = new BrokerClient(this, socket, now);
        clients.add(client);
        if (clients.size() > limits.clients()) {
            client.end("too many clients", "too-many", now);
        }
        return client;
    }

    /** To be called about every second. */
    public void tick(long now) {
        List.copyOf(clients).forEach(client -> client.tick(now));
        retained.expire(now);
        List<BrokerSession> expired = new ArrayList<>();
        for (BrokerSession s : offline.values()) {
            if (now - s.offlineSince() >= limits.offline().toNanos()) {
                expired.add(s);
            }
        }
        expired.forEach(this::drop);
    }

    public int clients() {
        return clients.size();
    }

    public int retained() {
        return retained.size();
    }

    BrokerPolicy policy() {
        return policy;
    }

    BrokerLimits limits() {
        return limits;
    }

    /** A session, and whether it was there before. */
    record Joined(BrokerSession session, boolean present) {}

    /** A client introduced itself; whoever had its id until now is pushed out (section 3.1.4). */
    Joined join(String id, boolean clean, long now) {
        String name = id;
        while (name.isEmpty() || id.isEmpty() && sessions.containsKey(name)) {
            name = "unnamed-" + ++unnamed;
        }
        BrokerSession former = sessions.get(name);
        if (former != null && former.client() != null) {
            former.client().end("another client took its id", "taken-over", now);
            former = sessions.get(name);
        }
        if (former != null && (clean || former.clean)) {
            drop(former);
            former = null;
        }
        offline.remove(name);
        if (former != null) {
            return new Joined(former, true);
        }
        BrokerSession fresh = new BrokerSession(name, clean);
        sessions.put(name, fresh);
        return new Joined(fresh, false);
    }

    void gone(BrokerClient client, long now) {
        clients.remove(client);
        BrokerSession session = client.session();
        if (session == null || session.client() != client) {
            return;
        }
        session.offline(now);
        if (session.clean) {
            drop(session);
            return;
        }
        offline.put(session.clientId, session);
        if (offline.size() > limits.offlineSessions()) {
            drop(offline.values().iterator().next());
        }
    }

    private void drop(BrokerSession session) {
        subscriptions.removeAll(session);
        sessions.remove(session.clientId);
        offline.remove(session.clientId);
    }

    boolean subscribe(BrokerSession session, String filter, int qos) {
        boolean known = session.filters.containsKey(filter);
        if (!Topics.validFilter(filter)
                || !known && session.filters.size() >= limits.subscriptions()
                || !policy.subscribe(filter)) {
            policy.count("broker.refused.subscription");
            return false;
        }
        subscriptions.add(filter, session, qos);
        return true;
    }

    void unsubscribe(BrokerSession session, String filter) {
        subscriptions.remove(filter, session);
    }

    void sendRetained(BrokerSession session, String filter, long now) {
        int qos = session.filters.get(filter);
        retained.matching(
                filter,
                now,
                (topic, payload) ->
                        deliver(session, new BrokerSession.Message(topic, payload, true), qos));
    }

    BrokerPolicy.Decision publish(String topic, byte[] payload, int qos, boolean retain, long now) {
        Optional<byte[]> before = retain ? retained.get(topic, now) : Optional.empty();
        BrokerPolicy.Decision decision = policy.publish(topic, payload, retain, before);
        if (!decision.refusal().isEmpty()) {
            policy.count("broker.refused.publish");
            return decision;
        }
        if (retain && !retained.put(topic, payload, decision.lifetime(), now)) {
            policy.count("broker.refused.full");
            return BrokerPolicy.Decision.refuse("no room to retain more", decision.cost());
        }
        BrokerSession.Message message = new BrokerSession.Message(topic, payload, false);
        subscriptions
                .matching(topic)
                .forEach((session, granted) -> deliver(session, message, Math.min(qos, granted)));
        return decision;
    }

    private void deliver(BrokerSession session, BrokerSession.Message message, int qos) {
        if (!session.deliver(message, qos)) {
            policy.count("broker.dropped");
        }
    }
}
