// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderTest {
    private static List<Endpoint> endpoints(String... hosts) {
        return List.of(hosts).stream().map(h -> Endpoint.of("tcp", h, 1)).toList();
    }

    @Test
    void interleavesTheFamiliesAndDropsRepeats() {
        assertEquals(
                endpoints("10.0.0.1", "2001:db8::1", "a.example", "10.0.0.2", "2001:db8::2"),
                Order.interleave(
                        endpoints(
                                "10.0.0.1",
                                "10.0.0.2",
                                "10.0.0.1",
                                "2001:db8::1",
                                "2001:db8::2",
                                "a.example")));
        assertTrue(Order.interleave(List.of()).isEmpty());
    }

    @Test
    void triesOnlySoMany() {
        List<Endpoint> many =
                IntStream.range(1, 100).mapToObj(p -> Endpoint.of("tcp", "10.0.0.1", p)).toList();
        assertEquals(many.subList(0, Order.MOST), Order.interleave(many));
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 50",
        "172.16.0.1, 50",
        "172.32.0.1, 250",
        "192.168.1.1, 50",
        "127.0.0.1, 50",
        "100.64.0.1, 250",
        "8.8.8.8, 250",
        "::1, 50",
        "fd00::1, 50",
        "fe80::1, 50",
        "2001:db8::1, 250",
        "localhost, 250",
        "fd.example, 250",
    })
    void givesLocalLiteralsAShortHeadStart(String host, long millis) {
        assertEquals(millis, Order.headStart(Endpoint.of("tcp", host, 1)).toMillis());
    }
}
