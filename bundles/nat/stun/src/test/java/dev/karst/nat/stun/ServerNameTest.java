// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerNameTest {
    @Test
    void readsHostsAndPorts() {
        assertEquals(
                List.of(
                        new ServerName("a.example", 3478),
                        new ServerName("192.0.2.1", 1234),
                        new ServerName("2001:db8::1", 3478),
                        new ServerName("2001:db8::2", 5000),
                        new ServerName("b.example", 7)),
                ServerName.parse(
                        List.of(
                                "a.example, 192.0.2.1:1234",
                                "2001:db8::1 [2001:db8::2]:5000",
                                "",
                                "stun:b.example:7",
                                "a.example:3478")));
    }

    @Test
    void refusesWhatIsNone() {
        for (String wrong : List.of("a:0", "a:65536", ":3478", "a:b", "[::1", "[]:1")) {
            assertThrows(
                    IllegalArgumentException.class, () -> ServerName.parse(List.of(wrong)), wrong);
        }
    }

    @Test
    void asksFew() {
        List<String> many = IntStream.range(0, 50).mapToObj(i -> "s" + i).toList();
        assertEquals(ServerName.MOST, ServerName.parse(many).size());
        assertEquals(List.of(), ServerName.parse(Collections.emptyList()));
    }
}
