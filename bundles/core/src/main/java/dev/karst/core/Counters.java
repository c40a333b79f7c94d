// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Named counters of a node: every drop and refusal shows here. */
public final class Counters {
    private static final int MAX_NAMES = 1000;
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    public void add(String name) {
        add(name, 1);
    }

    public void add(String name, long n) {
        LongAdder c = counts.get(name);
        if (c == null) {
            // A provider that counts peer-chosen names must not fill the heap.
            String key = counts.size() < MAX_NAMES ? name : "counters.overflow";
            c = counts.computeIfAbsent(key, k -> new LongAdder());
        }
        c.add(n);
    }

    public long get(String name) {
        LongAdder c = counts.get(name);
        return c == null ? 0 : c.sum();
    }

    public Map<String, Long> snapshot() {
        Map<String, Long> out = new TreeMap<>();
        counts.forEach((k, v) -> out.put(k, v.sum()));
        return out;
    }
}
