// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of MQTT 3.1.1 section 4.7, and the matcher against a naive one. */
class TopicsTest {
    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/b, a/b/c, false",
        "a/b/c, a/b, false",
        "a/#, a, true",
        "a/#, a/b/c, true",
        "a/#, ab, false",
        "#, a/b, true",
        "#, /a, true",
        "+, a, true",
        "+, /a, false",
        "+/+, /a, true",
        "/+, /a, true",
        "a/+, a, false",
        "a/+, a/, true",
        "a/+/c, a/b/c, true",
        "a/+/c, a/b/d, false",
        "+/b/#, a/b, true",
        "+/b/#, a/b/c/d, true",
        "#, $SYS/x, false",
        "+/x, $SYS/x, false",
        "$SYS/#, $SYS/x, true",
    })
    void matches(String filter, String topic, boolean expected) {
        assertEquals(expected, Topics.matches(filter, topic));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+", "a/#/b", "a#", "#a", "+a/b", "a/b#", "a\0"})
    void refusesFilters(String filter) {
        assertFalse(Topics.validFilter(filter));
        assertFalse(Topics.validName(filter));
    }

    @Test
    void refusesEmptyAndLong() {
        assertFalse(Topics.validFilter(""));
        assertFalse(Topics.validName(""));
        assertTrue(Topics.validName("x".repeat(256)));
        assertFalse(Topics.validName("x".repeat(257)));
        assertFalse(Topics.validFilter("a/".repeat(16) + "a"));
    }

    @Test
    void agreesWithANaiveMatcher() {
        long seed = 42;
        Random random = new Random(seed);
        String[] levels = {"", "a", "b", "+", "#"};
        for (int i = 0; i < 20_000; i++) {
            String filter = path(random, levels, 5);
            String topic = path(random, levels, 3);
            if (Topics.validFilter(filter) && Topics.validName(topic)) {
                assertEquals(
                        naive(filter.split("/", -1), topic.split("/", -1), 0),
                        Topics.matches(filter, topic),
                        () -> filter + " " + topic + " seed " + seed);
            }
        }
    }

    private static String path(Random random, String[] levels, int bound) {
        StringBuilder out = new StringBuilder(levels[random.nextInt(bound)]);
        for (int n = random.nextInt(4); n > 0; n--) {
            out.append('/').append(levels[random.nextInt(bound)]);
        }
        return out.toString();
    }

    private static boolean naive(String[] filter, String[] topic, int i) {
        if (i == filter.length) {
            return i == topic.length;
        }
        if (filter[i].equals("#")) {
            return true;
        }
        if (i >= topic.length) {
            return false;
        }
        boolean parent = i + 1 == topic.length && i + 2 == filter.length;
        return (filter[i].equals("+") || filter[i].equals(topic[i]))
                && (parent && filter[i + 1].equals("#") || naive(filter, topic, i + 1));
    }
}
