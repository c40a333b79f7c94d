// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiteralTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "203.0.113.255",
                "::",
                "::1",
                "2001:db8::",
                "2001:DB8:0:1:2:3:4:5",
                "64:ff9b::192.0.2.33",
                "1::2:3:4:5:6:7",
            })
    void readsWhatTheJdkReads(String text) throws Exception {
        assertEquals(InetAddress.getByName(text), Literal.read(text).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.",
                "example.org",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "12345::",
                "g::",
                "fe80::1%eth0",
                "1.2.3.4::",
                "::1.2.3.4:5"
            })
    void refusesTheRest(String text) {
        assertTrue(Literal.read(text).isEmpty());
    }

    @Test
    void everyAddressComesBack() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            byte[] ip = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(ip);
            ip[random.nextInt(ip.length)] = 0;
            InetAddress a = InetAddress.getByAddress(ip);
            assertEquals(a, Literal.read(a.getHostAddress()).orElseThrow());
        }
    }
}
