// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NoteTest {
    private static final long SEED = 5;

    private static List<Note> all() throws Exception {
        InetAddress ip = InetAddress.getByName("203.0.113.9");
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < Note.MOST_PORTS; i++) {
            ports.add(65_535 - i);
        }
        return List.of(
                new Note.Ask(-1),
                new Note.Reply(Long.MIN_VALUE, 7),
                new Note.Plan(255, Way.SPREAD_BY_RESPONDER, 1, -2, 3),
                new Note.Place(1, 99, ip, 1_024, 65_535, ports),
                new Note.Place(2, -99, ip, 0, 0, List.of()),
                new Note.Open(3, 300));
    }

    @Test
    void isReadAsItWasWritten() throws Exception {
        for (Note n : all()) {
            assertEquals(Optional.of(n), Note.read(n.bytes()));
            assertTrue(n.bytes().length <= 1_024);
        }
    }

    /** docs/wire.md, "Predicted ports". */
    @Test
    void goldenBytes() throws Exception {
        InetAddress ip = InetAddress.getByName("203.0.113.9");
        assertEquals(
                "0401000000000000000acb0071090400ffff02c3509c40",
                HexFormat.of()
                        .formatHex(
                                new Note.Place(1, 10, ip, 1_024, 65_535, List.of(50_000, 40_000))
                                        .bytes()));
        assertArrayEquals(HexFormat.of().parseHex("0501012c"), new Note.Open(1, 300).bytes());
    }

    @Test
    void garbageIsNothing() throws Exception {
        Random r = new Random(SEED);
        List<Note> good = all();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.get(r.nextInt(good.size())).bytes();
            if (r.nextBoolean()) {
                bytes = java.util.Arrays.copyOf(bytes, r.nextInt(bytes.length + 4));
            }
            for (int n = r.nextInt(3); n > 0 && bytes.length > 0; n--) {
                bytes[r.nextInt(bytes.length)] = (byte) r.nextInt();
            }
            Note.read(bytes)
                    .filter(Note.Place.class::isInstance)
                    .map(Note.Place.class::cast)
                    .ifPresent(p -> assertTrue(p.ports().size() <= Note.MOST_PORTS));
        }
        assertEquals(Optional.empty(), Note.read(new byte[0]));
        assertEquals(Optional.empty(), Note.read(new byte[] {3, 1, 9}));
    }
}
