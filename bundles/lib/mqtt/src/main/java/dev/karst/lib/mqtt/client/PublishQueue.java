// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import java.util.LinkedHashMap;
import java.util.Map;

/** Publishes that the broker has not acknowledged, in order; survives connections. */
final class PublishQueue {
    private static final byte[] NOTHING = {};

    private final int capacity;
    private final int window;
    private final Map<Long, Entry> entries = new LinkedHashMap<>();
    private long numbers;
    private int inFlight;

    PublishQueue(int capacity, int window) {
        this.capacity = capacity;
        this.window = window;
    }

    /** One message. Its packet id is given at the first sending and kept for repetitions. */
    static final class Entry {
        final long number;
        final String topic;
        final boolean retain;
        byte[] payload;
        int packetId;
        private boolean onTheWay;
        private boolean forgotten;
        private long sentAt;

        Entry(long number, String topic, byte[] payload, boolean retain) {
            this.number = number;
            this.topic = topic;
            this.payload = payload;
            this.retain = retain;
        }
    }

    long add(String topic, byte[] payload, boolean retain) {
        if (entries.size() >= capacity) {
            return -1;
        }
        long number = ++numbers;
        entries.put(number, new Entry(number, topic, payload, retain));
        return number;
    }

    /** The next one to send on this connection, or null when none waits or the window is full. */
    Entry next() {
        if (inFlight >= window) {
            return null;
        }
        for (Entry e : entries.values()) {
            if (!e.onTheWay) {
                return e;
            }
        }
        return null;
    }

    void sent(Entry e, long now) {
        e.onTheWay = true;
        e.sentAt = now;
        inFlight++;
    }

    /** The number that went by this packet id, or -1 where nobody waits for it. */
    long acknowledged(int packetId) {
        for (Entry e : entries.values()) {
            if (e.onTheWay && e.packetId == packetId) {
                entries.remove(e.number);
                inFlight--;
                return e.forgotten ? -1 : e.number;
            }
        }
        return -1;
    }

    /** Drops it; while it is on the way its packet id stays taken. */
    void forget(long number) {
        Entry e = entries.get(number);
        if (e == null) {
            return;
        }
        if (e.onTheWay) {
            e.forgotten = true;
            e.payload = NOTHING;
        } else {
            entries.remove(number);
        }
    }

    void disconnected() {
        entries.values().removeIf(e -> e.forgotten);
        entries.values().forEach(e -> e.onTheWay = false);
        inFlight = 0;
    }

    boolean uses(int packetId) {
        return entries.values().stream().anyMatch(e -> e.packetId == packetId);
    }

    /** Nanoseconds since the longest unacknowledged one was sent; -1 when none is on the way. */
    long oldest(long now) {
        long age = -1;
        for (Entry e : entries.values()) {
            if (e.onTheWay) {
                age = Math.max(age, now - e.sentAt);
            }
        }
        return age;
    }
}
