// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void writesStructures() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("a", List.of());
        m.put("b", List.of(1L, true, "x", Map.of()));
        m.put("c\"", Map.of("d", List.of("e", "f")));
        assertEquals(
                "{\"a\":[],\"b\":[1,true,\"x\",{}],\"c\\\"\":{\"d\":[\"e\",\"f\"]}}", Json.of(m));
    }

    @Test
    void escapesWhatIsOdd() {
        assertEquals("\"\"", Json.of(""));
        assertEquals("\"\\\"\\\\/\"", Json.of("\"\\/"));
        assertEquals("\"a\\u000ab\\u0000\\u007f\\u009b\"", Json.of("a\nb\0\u007f\u009b"));
        assertEquals("\"\\u2028\\u2029\\u202e\\ufeff\"", Json.of("\u2028\u2029\u202e\ufeff"));
        assertEquals("\"ä漢\ud83d\ude00\"", Json.of("ä漢\ud83d\ude00"));
        assertEquals("\"\\ud83d\"", Json.of("\ud83d"));
        assertEquals("\"\\ude00x\"", Json.of("\ude00x"));
        assertEquals("\"\\udb40\\udc01\"", Json.of("\udb40\udc01"), "an invisible tag");
    }

    /** What comes out, read again, is what went in; and holds nothing a terminal would obey. */
    @Test
    void anyStringComesBack() {
        long seed = 11;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder s = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                s.append((char) random.nextInt(random.nextBoolean() ? 0x10000 : 0x100));
            }
            String out = Json.of(s.toString());
            assertTrue(out.chars().allMatch(c -> c >= 0x20 && c != 0x7f), "seed " + seed);
            assertEquals(s.toString(), read(out), "seed " + seed);
        }
    }

    private static String read(String json) {
        StringBuilder out = new StringBuilder();
        for (int i = 1; i < json.length() - 1; i++) {
            char c = json.charAt(i);
            assertTrue(c != '"');
            if (c != '\\') {
                out.append(c);
            } else if (json.charAt(++i) == 'u') {
                out.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
                i += 4;
            } else {
                out.append(json.charAt(i));
            }
        }
        return out.toString();
    }
}
