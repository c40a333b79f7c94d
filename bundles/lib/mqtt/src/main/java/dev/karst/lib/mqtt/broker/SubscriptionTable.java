// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import dev.karst.lib.mqtt.Topics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Who subscribed to what. Plain topics cost one look-up; filters with wildcards are all tried. */
final class SubscriptionTable {
    private final Map<String, Set<BrokerSession>> plain = new HashMap<>();
    private final Map<String, Set<BrokerSession>> wild = new LinkedHashMap<>();

    private Map<String, Set<BrokerSession>> part(String filter) {
        return Topics.wild(filter) ? wild : plain;
    }

    void add(String filter, BrokerSession session, int qos) {
        session.filters.put(filter, qos);
        part(filter).computeIfAbsent(filter, f -> new LinkedHashSet<>()).add(session);
    }

    void remove(String filter, BrokerSession session) {
        session.filters.remove(filter);
        Map<String, Set<BrokerSession>> part = part(filter);
        Set<BrokerSession> all = part.get(filter);
        if (all != null && all.remove(session) && all.isEmpty()) {
            part.remove(filter);
        }
    }

    void removeAll(BrokerSession session) {
        for (String filter : Set.copyOf(session.filters.keySet())) {
            remove(filter, session);
        }
    }

    /** Each session once, with the highest QoS of its filters that match. */
    Map<BrokerSession, Integer> matching(String topic) {
        Map<BrokerSession, Integer> out = new LinkedHashMap<>();
        collect(topic, plain.getOrDefault(topic, Set.of()), out);
        wild.forEach(
                (filter, all) -> {
                    if (Topics.matches(filter, topic)) {
                        collect(filter, all, out);
                    }
                });
        return out;
    }

    private static void collect(
            String filter, Set<BrokerSession> all, Map<BrokerSession, Integer> out) {
        all.forEach(session -> out.merge(session, session.filters.get(filter), Math::max));
    }
}
