// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.broker;

import dev.karst.lib.mqtt.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;

/** The last retained message of each topic, bounded in number and bytes, some with a lifetime. */
final class RetainedStore {
    private final int maxMessages;
    private final long maxBytes;
    private final Map<String, Message> messages = new HashMap<>();
    private final PriorityQueue<Message> ends =
            new PriorityQueue<>((a, b) -> Long.signum(a.end - b.end));
    private long bytes;

    RetainedStore(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    private record Message(String topic, byte[] payload, boolean mortal, long end) {
        long size() {
            return 2L * topic.length() + payload.length;
        }
    }

    int size() {
        return messages.size();
    }

    Optional<byte[]> get(String topic, long now) {
        expire(now);
        return Optional.ofNullable(messages.get(topic)).map(Message::payload);
    }

    /**
     * Replaces the topic's message; an empty payload erases it.
     *
     * @return false where there is no room; the former one stays
     */
    boolean put(String topic, byte[] payload, Duration lifetime, long now) {
        expire(now);
        Message old = messages.get(topic);
        if (payload.length == 0) {
            remove(old);
            return true;
        }
        boolean mortal = !lifetime.isZero();
        Message fresh = new Message(topic, payload, mortal, mortal ? now + lifetime.toNanos() : 0);
        long after = bytes + fresh.size() - (old == null ? 0 : old.size());
        if (old == null && messages.size() >= maxMessages || after > maxBytes) {
            return false;
        }
        remove(old);
        messages.put(topic, fresh);
        bytes += fresh.size();
        if (mortal) {
            ends.add(fresh);
        }
        return true;
    }

    private void remove(Message message) {
        if (message != null) {
            messages.remove(message.topic());
            bytes -= message.size();
            if (message.mortal()) {
                ends.remove(message);
            }
        }
    }

    void expire(long now) {
        for (Message m; (m = ends.peek()) != null && m.end() - now <= 0; ) {
            remove(m);
        }
    }

    void matching(String filter, long now, BiConsumer<String, byte[]> each) {
        expire(now);
        if (!Topics.wild(filter)) {
            Message m = messages.get(filter);
            if (m != null) {
                each.accept(m.topic(), m.payload());
            }
            return;
        }
        messages.values().stream()
                .filter(m -> Topics.matches(filter, m.topic()))
                .forEach(m -> each.accept(m.topic(), m.payload()));
    }
}
